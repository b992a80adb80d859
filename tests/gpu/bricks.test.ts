import { readFileSync } from 'node:fs';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import type { TraceStatus } from '../../plugin/shape/trace-status.js';
import { readShapes } from '../../src/asset/read-shapes.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { countDevice } from '../support/device-counters.js';
import { changed, compare, shoot } from '../support/pictures.js';
import { openStudio, stageShape } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

/** Resolves with the first status that answers. */
function statusOf(mesh: NeuralSdfMesh, wanted: (status: TraceStatus) => boolean): Promise<TraceStatus> {
  return new Promise((resolve) => {
    const check = (status: TraceStatus) => {
      if (!wanted(status)) return;
      mesh.onTraceStatusChangedObservable.remove(observer);
      resolve(status);
    };
    const observer = mesh.onTraceStatusChangedObservable.add(check);
    check(mesh.traceStatus);
  });
}

describe('a decoder in bricks', () => {
  const shapes = tinyShapes();
  let engine: WebGPUEngine;
  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: 320, height: 240 });
  });
  afterEach(() => {
    for (const scene of [...engine.scenes]) scene.dispose();
  });

  it('looks as its baked mesh does, finer from level to level, and says how far off it is', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { bake: 'bricks', brickResolution: 64, resolution: 128 });
    const seen: number[] = [];
    mesh.onTraceStatusChangedObservable.add(({ resolution }) => {
      if (seen.at(-1) !== resolution) seen.push(resolution);
    });
    const status = await statusOf(mesh, ({ isComplete }) => isComplete);
    expect(seen).toEqual(expect.arrayContaining([16, 32, 64]));
    const traced = await shoot(studio.scene, 'bricks-64');
    expect(mesh.isTraced).toBe(true);
    mesh.showBaked = 'always';
    const baked = await shoot(studio.scene, 'bricks-baked');
    mesh.setEnabled(false);
    const empty = await shoot(studio.scene, 'bricks-empty');
    const result = compare(traced, baked, empty, 20);
    expect(result.hits).toBeGreaterThan(5000);
    expect(result.agreement).toBeGreaterThan(0.99);
    expect(status).toMatchObject({ form: 'bricks', resolution: 64, progress: 1 });
    expect(status.errorMean).toBeGreaterThan(0);
    expect(status.errorP99).toBeLessThan(4e-3);
    expect(mesh.inspectableCustomProperties.map(({ propertyName }) => propertyName)).toContain('inspectedStatus');
    const described = (mesh as unknown as { inspectedStatus: string }).inspectedStatus;
    expect(described).toContain('64 along the box');
    expect(described).toContain(status.errorMean!.toExponential(1));
  });

  it('shows an edit in coarse form, then as fine as before, without compiling anything', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { bake: 'bricks', brickResolution: 64, resolution: 32 });
    await statusOf(mesh, ({ isComplete }) => isComplete);
    const torus = await shoot(studio.scene, 'bricks-edit-before');
    const counts = countDevice(engine);
    mesh.setShape('sphere');
    await statusOf(mesh, ({ resolution }) => resolution > 0 && resolution < 64);
    const coarse = await shoot(studio.scene, 'bricks-edit-coarse');
    const full = await statusOf(mesh, ({ isComplete }) => isComplete);
    const sphere = await shoot(studio.scene, 'bricks-edit-after');
    mesh.setShape('torus');
    mesh.setShape('box');
    mesh.setShape('torus');
    await statusOf(mesh, ({ isComplete }) => isComplete);
    const again = await shoot(studio.scene, 'bricks-edit-again');
    expect(counts).toMatchObject({ renderPipelines: 0, computePipelines: 0, shaderModules: 0, textures: 0 });
    expect(full.resolution).toBe(64);
    expect(changed(coarse, torus)).toBeGreaterThan(0.05);
    expect(changed(coarse, sphere, 24)).toBeLessThan(0.05);
    expect(changed(again, torus, 1)).toBe(0);
  });

  it("is what the paper's 8x512 decoder is traced by", async () => {
    const studio = openStudio(engine);
    const empty = await shoot(studio.scene, 'bricks-wide-empty');
    const wide = await readShapes(readFileSync(new URL('../../assets/mugs-teacher.glb', import.meta.url)));
    const mesh = NeuralSdfMesh.Create('mug', wide, studio.scene, { shape: 'straight-01', brickResolution: 32 });
    const status = await statusOf(mesh, ({ isComplete }) => isComplete);
    const mug = await shoot(studio.scene, 'bricks-wide');
    expect(mesh.isTraced).toBe(true);
    expect(status).toMatchObject({ form: 'bricks', resolution: 32 });
    expect(status.errorMean).toBeLessThan(0.01);
    expect(changed(mug, empty)).toBeGreaterThan(0.05);
    expect(changed(mug, empty)).toBeLessThan(0.3);
  });
});
