import { readFileSync } from 'node:fs';
import ManifoldModule from 'manifold-3d';
import { describe, expect, it } from 'vitest';
import { readShapes } from '../../src/asset/index.js';
import { bakeMesh } from '../../src/meshing/index.js';
import { createWasmEvaluator } from '../../src/wasm/wasm-evaluator.js';
import { validateGlb } from '../support/assets.js';

const file = readFileSync('assets/chairs.glb');
const asset = await readShapes(file);
const manifold3d = await ManifoldModule();
manifold3d.setup();

describe('assets/chairs.glb', () => {
  it('passes the Khronos validator', async () => {
    const { issues } = await validateGlb(file);
    expect(issues.messages.filter(({ severity }) => severity < 2)).toEqual([]);
  });

  it('holds at least 96 chairs in a decoder for real time, scored below 1', () => {
    expect(asset.shapes.length).toBeGreaterThanOrEqual(96);
    expect(asset.decoder.spec.dims).toEqual([64, 64, 64, 64]);
    const { chamferX1000 } = asset.provenance as { chamferX1000: { mean: number; shapes: number } };
    expect(chamferX1000.shapes).toBe(asset.shapes.length);
    expect(chamferX1000.mean).toBeLessThan(1);
  });

  it('bakes every chair to a manifold at 32, 64 and 128, the volume settled to 3 %', { timeout: 900_000 }, async () => {
    const evaluator = await createWasmEvaluator(asset.decoder, asset.shapes[0].latent);
    const unsettled: string[] = [];
    for (const { name, latent } of asset.shapes) {
      evaluator.setLatent(latent);
      const volumes: number[] = [];
      for (const resolution of [32, 64, 128]) {
        const { mesh, report } = await bakeMesh(evaluator, { ...asset, resolution, normals: false });
        const { positions, triangles } = mesh;
        const manifold = new manifold3d.Manifold(new manifold3d.Mesh({ numProp: 3, vertProperties: positions, triVerts: triangles }));
        expect(manifold.status(), `${name} at ${resolution}`).toBe('NoError');
        manifold.delete();
        volumes.push(report.volume);
      }
      const change = Math.abs(volumes[2] / volumes[1] - 1);
      if (change > 0.03) unsettled.push(`${name} ${(100 * change).toFixed(1)} %`);
    }
    expect(unsettled).toEqual([]);
  });
});
