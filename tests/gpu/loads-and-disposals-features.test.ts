import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { beforeAll, describe, it } from 'vitest';
import { SharedDecoder } from '../../plugin/shape/shared-decoder.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { countDevice, type DeviceCounts } from '../support/device-counters.js';
import { drawFrame } from '../support/device-loss.js';
import { expectNothingLeft, takeInventory } from '../support/inventory.js';
import { FEATURES, type Feature, settleFeature, shapes } from '../support/lifecycle-features.js';
import { openStudio, type Studio } from '../support/studio.js';

/** Of each feature: a thousand and more of all. */
const LOADS = 150;

describe('hundreds of loads and disposals', () => {
  let engine: WebGPUEngine;
  let counts: DeviceCounts;
  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: 32, height: 24 });
    counts = countDevice(engine);
  });

  const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

  /** A mesh comes, and goes: at once, while it is being prepared, after a frame, after an edit, when all of it is there. */
  async function loadAndDispose(studio: Studio, feature: Feature, i: number): Promise<void> {
    const mesh = await feature.arrange(studio);
    if (i % 2) await turn();
    if (i % 5 === 0) drawFrame(studio.scene);
    if (i % 10 === 5) {
      await feature.edit(mesh);
      if (i % 20 === 5) drawFrame(studio.scene);
    }
    if (i % 50 === 25) await settleFeature(studio.scene, feature, mesh);
    mesh.dispose(false, true);
  }

  it.each(Object.entries(FEATURES))('of %s leave buffers, textures and listeners as they were', async (_, feature) => {
    const studio = openStudio(engine);
    const { scene, camera, sun } = studio;
    // So that the decoder's shaders are compiled once.
    const decoder = SharedDecoder.acquire(engine, shapes, feature.options);
    const { pipelines } = decoder;
    /** What Babylon frees late, it frees within a few frames; what was under way for a mesh that is gone takes some turns to end. */
    const inventory = async () => {
      for (let i = 0; i < 8; i++) {
        drawFrame(scene);
        await scene.whenReadyAsync();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return takeInventory(engine, scene, counts, { camera, sun, pipelines });
    };
    // Each way once: what is made once and stays.
    for (const i of [25, 5, 10, 0]) await loadAndDispose(studio, feature, i);
    const before = await inventory();
    for (let i = 0; i < LOADS; i++) await loadAndDispose(studio, feature, i);
    expectNothingLeft(await inventory(), before);
    scene.dispose();
    decoder.release();
  });
});
