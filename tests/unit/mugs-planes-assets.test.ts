import { existsSync, readFileSync, statSync } from 'node:fs';
import ManifoldModule from 'manifold-3d';
import { describe, expect, it } from 'vitest';
import { CATEGORIES } from '../../assets/categories.js';
import { readShapes } from '../../src/asset/index.js';
import { bakeMesh } from '../../src/meshing/index.js';
import { createWasmEvaluator } from '../../src/wasm/wasm-evaluator.js';
import { validateGlb } from '../support/assets.js';
import { judge } from '../support/shape-checks.js';

const wasm = await ManifoldModule();
wasm.setup();

describe.each(['mugs', 'planes'])('assets/%s.glb', async (category) => {
  const path = `assets/${category}.glb`;
  const file = readFileSync(path);
  const asset = await readShapes(file);
  const family = CATEGORIES[category].shapes();

  it('passes the Khronos validator, is under 3 MB, and has a card', async () => {
    const { issues } = await validateGlb(file);
    expect(issues.messages.filter(({ severity }) => severity < 2)).toEqual([]);
    expect(statSync(path).size).toBeLessThan(3e6);
    expect(existsSync(`assets/${category}.md`)).toBe(true);
  });

  it('holds the family but for what is held out, in a decoder for real time, scored below 1', () => {
    const trained = family.filter(({ heldOut }) => !heldOut).map(({ name }) => name);
    expect(asset.shapes.map(({ name }) => name).toSorted()).toEqual(trained.toSorted());
    expect(asset.decoder.spec.dims).toEqual([64, 64, 64, 64]);
    const { chamferX1000 } = asset.provenance as { chamferX1000: { mean: number; shapes: number } };
    expect(chamferX1000.shapes).toBe(asset.shapes.length);
    expect(chamferX1000.mean).toBeLessThan(1);
  });

  it('bakes the first of each type to a manifold of the volume of the mesh that it was trained on', async () => {
    const evaluator = await createWasmEvaluator(asset.decoder, asset.shapes[0].latent);
    const wrong: string[] = [];
    for (const { name, build } of family.filter((shape) => shape.name.endsWith('-01'))) {
      const { latent, normalization } = asset.shapes.find((shape) => shape.name === name)!;
      evaluator.setLatent(latent);
      const { mesh, report } = await bakeMesh(evaluator, { ...asset, resolution: 64, normals: false });
      expect(judge(mesh, wasm).status, name).toBe('NoError');
      const truth = judge(build(wasm), wasm).volume * normalization!.scale ** 3;
      const change = Math.abs(report.volume / truth - 1);
      if (change > 0.06) wrong.push(`${name} ${(100 * change).toFixed(1)} %`);
    }
    expect(wrong).toEqual([]);
  });
});
