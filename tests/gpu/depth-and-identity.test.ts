import { GPUPicker } from '@babylonjs/core/Collisions/gpuPicker.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { CreateBox } from '@babylonjs/core/Meshes/Builders/boxBuilder.js';
import '@babylonjs/core/Rendering/depthRendererSceneComponent.js';
import { DepthRenderer } from '@babylonjs/core/Rendering/depthRenderer.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { enableDepthRendering } from '../../plugin/material/depth-variant.js';
import { gpuPickingList } from '../../plugin/picking/gpu-picking.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { shoot } from '../support/pictures.js';
import { openStudio, stageShape } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const WIDTH = 160;
const HEIGHT = 120;
const shapes = tinyShapes();
let engine: WebGPUEngine;
beforeAll(async () => {
  engine = await createHeadlessEngine({ width: WIDTH, height: HEIGHT });
});
afterEach(() => {
  for (const scene of [...engine.scenes]) scene.dispose();
  engine.useReverseDepthBuffer = false;
});

describe('GPUPicker', () => {
  /** Frames go by while the picker works. */
  async function whileRendering<T>(scene: Scene, work: Promise<T>): Promise<T> {
    let done = false;
    const finished = work.finally(() => {
      done = true;
    });
    while (!done) {
      engine.beginFrame();
      scene.render();
      engine.endFrame();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return finished;
  }

  it('answers with the traced mesh on its pixels, and with what is behind it in its hole', async () => {
    const { scene, camera } = openStudio(engine);
    camera.position.set(0, 2.6, -0.01);
    camera.setTarget(camera.position.scale(0));
    const left = await stageShape(scene, shapes, 'torus', { resolution: 48 });
    const right = await stageShape(scene, shapes, 'sphere', { resolution: 48 });
    [left.position.x, right.position.x] = [-0.7, 0.9];
    right.scaling.setAll(0.6);
    const box = CreateBox('behind', { width: 5, height: 0.1, depth: 5 }, scene);
    box.position.y = -1;
    await shoot(scene, 'identity');
    expect([left.isTraced, right.isTraced]).toEqual([true, true]);
    const picker = new GPUPicker();
    picker.setPickingList([...gpuPickingList(left), ...gpuPickingList(right), box]);
    const project = (x: number, y: number, z: number) => {
      const { m } = camera.getViewMatrix(true).multiply(camera.getProjectionMatrix(true));
      const [cx, cy, , w] = [0, 1, 2, 3].map((k) => x * m[k] + y * m[4 + k] + z * m[8 + k] + m[12 + k]);
      return { x: ((cx / w + 1) / 2) * WIDTH, y: ((1 - cy / w) / 2) * HEIGHT };
    };
    const at = [project(-0.7, 0, 0), project(-0.7, 0.25, 0.6), project(-0.1, 0.25, 0), project(0.9, 0.39, 0), project(0.9, 0, 0.62)];
    // Asked before the picker's shader has been seen: the answer waits for it.
    const picked = await whileRendering(scene, picker.multiPickAsync(at));
    expect(picked!.meshes.map((mesh) => mesh?.name)).toEqual(['behind', 'torus', 'torus', 'sphere', 'behind']);
    expect([picked!.meshes[1], picked!.meshes[3]]).toEqual([left, right]);
    // No more of it is drawn than was asked for.
    expect(scene.customRenderTargets).toEqual([]);
    left.showBaked = 'always';
    const baked = await whileRendering(scene, picker.multiPickAsync(at));
    expect(baked!.meshes[1]).toBe(left.fallbackMesh);
    expect(baked!.meshes[0]).toBe(box);
    const materials = scene.materials.length;
    picker.dispose();
    left.dispose();
    expect(scene.materials.filter(({ name }) => name === 'neural-sdf identity').length).toBe(1);
    right.dispose();
    expect(scene.materials.filter(({ name }) => name === 'neural-sdf identity').length).toBe(0);
    expect(scene.materials.length).toBeLessThan(materials);
  });
});

describe('DepthRenderer', () => {
  const kinds: readonly [string, { nonLinear?: boolean; cameraSpace?: boolean; packed?: boolean; reverse?: boolean }, number][] = [
    ['linear', {}, 2e-3],
    ['non-linear', { nonLinear: true }, 2e-3],
    // World units, of a picture whose pixels are two hundredths.
    ['camera space', { cameraSpace: true }, 1e-2],
    ['packed', { packed: true }, 2e-3],
    ['linear, reverse', { reverse: true }, 2e-3],
  ];
  it.each(kinds)('sees the traced surface as it sees the baked mesh: %s', { timeout: 300_000 }, async (name, kind, most) => {
    engine.useReverseDepthBuffer = kind.reverse ?? false;
    const { scene, camera } = openStudio(engine);
    [camera.minZ, camera.maxZ] = [1, 6];
    const mesh = await stageShape(scene, shapes, 'torus', { resolution: 128 });
    mesh.rotation.set(0.3, 0.2, 0.5);
    let renderer: DepthRenderer;
    if (kind.packed) {
      // By hand, as not every renderer is the scene's.
      renderer = new DepthRenderer(scene, 0, camera);
      renderer.getDepthMap().renderList = [mesh, mesh.fallbackMesh!];
      scene.customRenderTargets.push(renderer.getDepthMap());
      enableDepthRendering(renderer, mesh);
    } else renderer = scene.enableDepthRenderer(camera, kind.nonLinear, true, undefined, kind.cameraSpace);
    const read = async () => {
      const values = (await renderer.getDepthMap().readPixels()) as Float32Array | Uint8Array;
      const channels = values.length / (WIDTH * HEIGHT);
      return Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
        kind.packed ? [3, 2, 1, 0].reduce((sum, k) => sum + values[4 * i + k] / 255 / 255 ** (3 - k), 0) : values[channels * i],
      );
    };
    await shoot(scene, `depth-${name}-traced`);
    expect(mesh.isTraced).toBe(true);
    const traced = await read();
    mesh.showBaked = 'always';
    await shoot(scene, `depth-${name}-baked`);
    const baked = await read();
    const background = traced[0];
    expect(baked[0]).toBe(background);
    const inside = (map: number[], i: number) =>
      [0, 1, -1, WIDTH, -WIDTH].every((step) => map[i + step] !== background && map[i + step] !== undefined);
    const errors = traced
      .flatMap((depth, i) => (inside(traced, i) && inside(baked, i) ? [Math.abs(depth - baked[i])] : []))
      .sort((a, b) => a - b);
    expect(errors.length).toBeGreaterThan(1500);
    expect(errors.at(-1)).toBeLessThan(most);
    const differing = traced.filter((depth, i) => (depth === background) !== (baked[i] === background)).length;
    expect(differing).toBeLessThan(0.02 * errors.length);
  });
});
