import { mkdirSync } from 'node:fs';
import type { Scene } from '@babylonjs/core/scene.js';
import { renderToPng } from '../../src/cli/headless-engine-node.js';

/** Renders until all is ready, and leaves the picture in tests/out/ to be looked at. */
export async function shootBench(scene: Scene, name: string): Promise<void> {
  mkdirSync('tests/out', { recursive: true });
  await renderToPng(scene, `tests/out/bench-${name}.png`);
}
