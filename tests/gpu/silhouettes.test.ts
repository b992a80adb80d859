import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { RenderTargetTexture } from '@babylonjs/core/Materials/Textures/renderTargetTexture.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { NeuralSdfMesh } from '../../plugin/neural-sdf-mesh.js';
import { createHeadlessEngine, writePng } from '../../src/cli/headless-engine-node.js';
import { type Picture, shoot } from '../support/pictures.js';
import { openStudio, stageShape } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const WIDTH = 160;
const HEIGHT = 120;
const FINE = 4;

/** Mean difference to the reference, 0 to 255, over the pixels that an outer silhouette crosses, and of the rest of the shape. */
function judge(picture: Picture, fine: Picture, background: readonly number[]): { silhouette: number; pixels: number } {
  let sum = 0;
  let pixels = 0;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const mean = [0, 0, 0];
      let empty = 0;
      for (let i = 0; i < FINE * FINE; i++) {
        const from = 4 * ((FINE * y + Math.floor(i / FINE)) * fine.width + FINE * x + (i % FINE));
        const color = fine.data.subarray(from, from + 3);
        if (color.every((value, c) => value === background[c])) empty++;
        for (let c = 0; c < 3; c++) mean[c] += color[c] / FINE ** 2;
      }
      if (empty === 0 || empty === FINE * FINE) continue;
      pixels++;
      for (let c = 0; c < 3; c++) sum += Math.abs(picture.data[4 * (y * WIDTH + x) + c] - mean[c]) / 3;
    }
  }
  return { silhouette: sum / pixels, pixels };
}

describe('silhouettes of traced shapes', () => {
  let multisampled: WebGPUEngine;
  let plain: WebGPUEngine;
  let fine: WebGPUEngine;
  beforeAll(async () => {
    multisampled = await createHeadlessEngine({ width: WIDTH, height: HEIGHT, engine: { antialias: true } });
    plain = await createHeadlessEngine({ width: WIDTH, height: HEIGHT });
    fine = await createHeadlessEngine({ width: FINE * WIDTH, height: FINE * HEIGHT });
  });
  afterEach(() => {
    for (const engine of [multisampled, plain, fine]) for (const scene of [...engine.scenes]) scene.dispose();
  });

  async function take(
    engine: WebGPUEngine,
    shape: string,
    name: string,
    baked: boolean,
  ): Promise<{ picture: Picture; mesh: NeuralSdfMesh }> {
    const { scene } = openStudio(engine);
    const mesh = await stageShape(scene, tinyShapes(), shape, { resolution: 128 });
    mesh.rotation.set(0.5, 0.4, 0.3);
    if (baked) mesh.showBaked = 'always';
    const picture = await shoot(scene, `silhouette-${shape}-${name}`);
    expect(mesh.isTraced).toBe(!baked);
    return { picture, mesh };
  }

  it.each(['torus', 'box', 'sphere'])('are as smooth as the baked mesh where the pass is multisampled: %s', async (shape) => {
    const reference = (await take(fine, shape, 'fine', false)).picture;
    const background = [...reference.data.subarray(0, 3)];
    const traced = judge((await take(multisampled, shape, 'traced', false)).picture, reference, background);
    const baked = judge((await take(multisampled, shape, 'baked', true)).picture, reference, background);
    const jagged = judge((await take(plain, shape, 'jagged', false)).picture, reference, background);
    console.log(shape, traced, baked, jagged);
    expect(traced.pixels).toBeGreaterThan(100);
    expect(traced.silhouette).toBeLessThan(1.5 * baked.silhouette);
    expect(traced.silhouette).toBeLessThan(0.6 * jagged.silhouette);
  });
});
