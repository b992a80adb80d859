import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { SharedDecoder } from '../../plugin/shape/shared-decoder.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { Random } from '../../src/random.js';
import { drawFrame, type FrameStep, listenToLog, loseDevice, turns } from '../support/device-loss.js';
import { FEATURES, type Feature, settleFeature, shapes } from '../support/lifecycle-features.js';
import { changed, type Picture, shoot } from '../support/pictures.js';
import { openStudio, type Studio } from '../support/studio.js';

/** The steps of a frame without shadows. */
const STEPS: readonly FrameStep[] = ['begin', 'draw', 'end', 'done'];

describe('the device is lost at random points', () => {
  const random = new Random(21);
  let engine: WebGPUEngine;
  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: 96, height: 72 });
  });
  afterEach(() => {
    for (const scene of [...engine.scenes]) scene.dispose();
    vi.restoreAllMocks();
  });

  /** The picture of a feature after whatever `happens` to it. */
  async function photograph(name: string, feature: Feature, happens: (studio: Studio) => Promise<NeuralSdfMesh>): Promise<Picture> {
    const studio = openStudio(engine);
    const mesh = await happens(studio);
    await settleFeature(studio.scene, feature, mesh);
    const picture = await shoot(studio.scene, `lost-with-${name.replaceAll(/\W+/g, '-')}`);
    expect(mesh.isTraced).toBe(true);
    studio.scene.dispose();
    return picture;
  }

  describe.each(Object.entries(FEATURES))('of %s', (name, feature) => {
    const { arrange, edit } = feature;
    let undisturbed: Picture;
    let edited: Picture;
    let empty: Picture;
    beforeAll(async () => {
      undisturbed = await photograph(`${name} undisturbed`, feature, arrange);
      edited = await photograph(`${name} edited`, feature, async (studio) => {
        const mesh = await arrange(studio);
        await settleFeature(studio.scene, feature, mesh);
        await edit(mesh);
        return mesh;
      });
      const { scene } = openStudio(engine);
      empty = await shoot(scene, 'lost-empty');
      expect(changed(undisturbed, empty)).toBeGreaterThan(0.05);
      expect(changed(edited, undisturbed)).toBeGreaterThan(0.02);
    });

    it('load', async () => {
      const said = listenToLog();
      const picture = await photograph(`${name} load`, feature, async (studio) => {
        const arranging = arrange(studio);
        for (let frames = random.index(3); frames > 0; frames--) {
          drawFrame(studio.scene);
          await turns(1);
        }
        await turns(random.index(6));
        const [mesh] = await Promise.all([arranging, loseDevice(engine)]);
        return mesh;
      });
      expect(changed(picture, undisturbed, 1)).toBe(0);
      expect(said()).toEqual([]);
      // Keeps the decoder's shaders for the next.
      SharedDecoder.acquire(engine, shapes, feature.options);
    });

    it('edit', async () => {
      const said = listenToLog();
      const picture = await photograph(`${name} edit`, feature, async (studio) => {
        const mesh = await arrange(studio);
        await settleFeature(studio.scene, feature, mesh);
        const losesFirst = random.uniform() < 0.5;
        if (losesFirst) {
          const restored = loseDevice(engine);
          await turns(random.index(3));
          await edit(mesh);
          await restored;
        } else {
          await edit(mesh);
          await turns(random.index(4));
          await loseDevice(engine);
        }
        return mesh;
      });
      expect(changed(picture, edited, 1)).toBe(0);
      expect(said()).toEqual([]);
    });

    it('render', async () => {
      const said = listenToLog();
      const picture = await photograph(`${name} render`, feature, async (studio) => {
        const mesh = await arrange(studio);
        await settleFeature(studio.scene, feature, mesh);
        await edit(mesh);
        for (let frames = random.index(8); frames > 0; frames--) {
          drawFrame(studio.scene);
          await turns(1 + random.index(4));
        }
        let restored: Promise<void> | undefined;
        const when = STEPS[random.index(STEPS.length)];
        drawFrame(studio.scene, (step) => {
          if (step === when) restored = loseDevice(engine);
        });
        await restored;
        return mesh;
      });
      expect(changed(picture, edited, 1)).toBe(0);
      expect(said()).toEqual([]);
    });
  });
});
