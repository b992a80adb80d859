import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { RenderTargetTexture } from '@babylonjs/core/Materials/Textures/renderTargetTexture.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { type Picture, shoot } from '../support/pictures.js';
import { openStudio, stageShape } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const WIDTH = 112;
const HEIGHT = 84;
const FINE = 4;

/** Mean difference to the reference, 0 to 255, over the pixels that an outer silhouette crosses. */
function judge(picture: Picture, fine: Picture): { error: number; pixels: number } {
  const background = fine.data.subarray(0, 3);
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
  return { error: sum / pixels, pixels };
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

  async function take(engine: WebGPUEngine, shape: string, name: string, samples = 1): Promise<Picture> {
    const { scene, camera } = openStudio(engine);
    const mesh = await stageShape(scene, tinyShapes(), shape, { resolution: 128 });
    if (shape === 'box') mesh.rotation.set(0.5, 0.4, 0.3);
    if (name === 'baked') mesh.showBaked = 'always';
    let target: RenderTargetTexture | undefined;
    if (samples > 1) {
      target = new RenderTargetTexture('target', { width: WIDTH, height: HEIGHT }, scene);
      target.samples = samples;
      camera.outputRenderTarget = target;
    }
    const picture = await shoot(scene, `silhouette-${shape}-${name}`);
    expect(mesh.isTraced).toBe(name !== 'baked');
    if (!target) return picture;
    const read = (await target.readPixels()) as Uint8Array;
    // Babylon keeps render targets upside down.
    const data = new Uint8Array(read.length);
    for (let y = 0; y < HEIGHT; y++) data.set(read.subarray(4 * WIDTH * (HEIGHT - 1 - y), 4 * WIDTH * (HEIGHT - y)), 4 * WIDTH * y);
    return { width: WIDTH, height: HEIGHT, data };
  }

  // The torus has silhouettes in front of itself as well.
  it.each(['torus', 'box'])('are as smooth as the baked mesh, on the canvas and in a render target of four samples: %s', async (shape) => {
    const reference = await take(fine, shape, 'fine');
    const traced = judge(await take(multisampled, shape, 'traced'), reference);
    const baked = judge(await take(multisampled, shape, 'baked'), reference);
    const jagged = judge(await take(plain, shape, 'jagged'), reference);
    const inTarget = judge(await take(plain, shape, 'target', 4), reference);
    const figures = JSON.stringify({ traced, baked, jagged, inTarget });
    expect(traced.pixels).toBeGreaterThan(100);
    expect(jagged.error, figures).toBeGreaterThan(2 * baked.error);
    expect(traced.error, figures).toBeLessThan(1.5 * baked.error);
    expect(inTarget.error, figures).toBeLessThan(1.5 * baked.error);
  });
});
