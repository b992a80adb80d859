import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { countDevice } from '../support/device-counters.js';
import { loseDevice } from '../support/device-loss.js';
import { changed, shoot } from '../support/pictures.js';
import { openStudio, paint } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

describe("a traced mesh's resources", () => {
  const shapes = tinyShapes();
  let engine: WebGPUEngine;
  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: 96, height: 72 });
  });
  afterEach(() => {
    for (const scene of [...engine.scenes]) scene.dispose();
  });

  it.each(['a material of its own', 'a shared material'])('leaves nothing behind when disposed again and again: %s', async (which) => {
    const studio = openStudio(engine);
    const material = which === 'a shared material' ? paint(studio.scene, new Color3(0.5, 0.5, 0.9)) : undefined;
    const create = async () => {
      const mesh = NeuralSdfMesh.Create('torus', shapes, studio.scene, { material });
      await shoot(studio.scene, 'disposed');
      expect(mesh.isTraced).toBe(true);
      mesh.dispose();
    };
    // What Babylon frees late, it frees within a few frames.
    const settle = async () => {
      for (let i = 0; i < 4; i++) await shoot(studio.scene, 'disposed');
    };
    const internals = engine as unknown as { _storageBuffers: unknown[]; _compiledEffects: object };
    const inventory = () => ({
      materials: studio.scene.materials.length,
      textures: studio.scene.textures.length,
      geometries: studio.scene.geometries.length,
      storageBuffers: internals._storageBuffers.length,
      effects: Object.keys(internals._compiledEffects).length,
    });
    await create();
    await settle();
    const before = inventory();
    const counts = countDevice(engine);
    for (let i = 0; i < (material ? 50 : 8); i++) await create();
    await settle();
    expect(inventory()).toEqual(before);
    // One or two are in flight for the last picture; a leak would be one or more a mesh.
    expect(counts.buffers).toBeLessThan(4);
    expect(counts.textures).toBeLessThanOrEqual(0);
  });

  it('come back after the device was lost, latent code and all', async () => {
    const studio = openStudio(engine);
    const mesh = NeuralSdfMesh.Create('torus', shapes, studio.scene);
    mesh.setShape('box');
    const before = await shoot(studio.scene, 'device-before');
    expect(mesh.isTraced).toBe(true);
    await loseDevice(engine);
    const after = await shoot(studio.scene, 'device-after');
    expect(mesh.isTraced).toBe(true);
    expect(changed(before, after, 2)).toBe(0);
  });
});
