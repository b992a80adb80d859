import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { afterEach, beforeAll, expect } from 'vitest';
import { FrameBudget } from '../../plugin/budget/frame-budget.js';
import type { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { SharedDecoder } from '../../plugin/shape/shared-decoder.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { type Picture, shoot } from './pictures.js';
import type { Studio } from './studio.js';

/** Milliseconds that a mesh under a budget asks for. */
export const FRAME = 16;

/** An engine for all tests of a suite, each with scenes of its own. */
export function budgetEngine(shapes: NeuralShapes): { readonly engine: WebGPUEngine } {
  const suite = {} as { engine: WebGPUEngine };
  beforeAll(async () => {
    suite.engine = await createHeadlessEngine({ width: 320, height: 240 });
    // Keeps the decoder's shaders from one test to the next.
    SharedDecoder.acquire(suite.engine, shapes);
  });
  afterEach(() => {
    for (const scene of [...suite.engine.scenes]) scene.dispose();
    suite.engine.useReverseDepthBuffer = false;
  });
  return suite;
}

export function drawFrame({ scene }: Studio): void {
  const engine = scene.getEngine();
  engine.beginFrame();
  scene.render();
  engine.endFrame();
}

/** Frames until nothing is left to compile and every mesh is drawn as is planned. */
export async function settle(studio: Studio, done: () => boolean): Promise<void> {
  for (let frame = 0; frame < 40; frame++) {
    drawFrame(studio);
    await studio.scene.whenReadyAsync();
    if (frame > 2 && done()) return;
    // Babylon loads parts of its shaders when they are first asked for.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('not settled after 40 frames');
}

/** The traced picture, then the same from textures of a share of its resolution, nothing sharpened. */
export async function shootBoth(
  studio: Studio,
  meshes: readonly NeuralSdfMesh[],
  name: string,
  scale = 1 / 3,
): Promise<[Picture, Picture]> {
  const full = await shoot(studio.scene, `${name}-full`);
  const budget = FrameBudget.of(studio.scene);
  budget.sharpensAtRest = false;
  budget.forcedScale = scale;
  for (const mesh of meshes) mesh.targetFrameTime = FRAME;
  await settle(studio, () => meshes.every((mesh) => budget.shows(mesh)));
  const low = await shoot(studio.scene, `${name}-low`);
  expect(budget.isSharp).toBe(false);
  return [full, low];
}
