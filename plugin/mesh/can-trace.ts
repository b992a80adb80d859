import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';

let hasWarned = false;

/** Whether shapes can be traced on an engine; if not, the reason is logged, once. */
export function canTrace(engine: AbstractEngine): boolean {
  if (engine.isWebGPU) return true;
  if (!hasWarned) Logger.Warn('babylon-neural-sdf: this engine is not WebGPU, so baked meshes are shown instead of traced shapes');
  hasWarned = true;
  return false;
}
