import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { deviceOf } from '../device.js';

/** Storage buffers of the traced fragment shader: table, grid, edits, counters. */
const STORAGE_BUFFERS = 4;
/** Threads of a workgroup that fills a grid of 64 cells along a side. */
const WORKGROUP = 64;

const warned = new Set<string>();

/** Why shapes cannot be traced on an engine; undefined where they can. */
export function reasonNotToTrace(engine: AbstractEngine): string | undefined {
  if (!engine.isWebGPU) return 'this engine is not WebGPU';
  // A browser's compatibility mode may have none of them, and its own names for how many.
  const limits = deviceOf(engine as WebGPUEngine).limits as GPUSupportedLimits & { readonly maxStorageBuffersInFragmentStage?: number };
  const buffers = Math.min(limits.maxStorageBuffersPerShaderStage, limits.maxStorageBuffersInFragmentStage ?? Number.POSITIVE_INFINITY);
  if (buffers < STORAGE_BUFFERS) {
    return `this device has ${buffers} storage buffers for a fragment shader, and tracing takes ${STORAGE_BUFFERS} (create the engine with { setMaximumLimits: true })`;
  }
  const threads = Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX);
  return threads < WORKGROUP ? `this device runs ${threads} threads a workgroup, and tracing takes ${WORKGROUP}` : undefined;
}

/** Whether shapes can be traced on an engine; if not, the reason is logged, once. */
export function canTrace(engine: AbstractEngine): boolean {
  const reason = reasonNotToTrace(engine);
  if (!reason) return true;
  if (!warned.has(reason)) Logger.Warn(`babylon-neural-sdf: ${reason}, so baked meshes are shown instead of traced shapes`);
  warned.add(reason);
  return false;
}
