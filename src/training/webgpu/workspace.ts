import { type BatchMemory, makeBatchMemory } from './batch-memory.js';
import { type BatchLimits, type BatchPlan, type BatchShape, planBatch } from './batch-plan.js';
import { Buffers } from './buffers.js';
import type { Pipelines } from './compile-kernels.js';
import type { DecoderMemory } from './decoder-memory.js';
import { planDispatches, type StepDispatches } from './dispatches.js';
import type { Plan } from './plan.js';
import type { TrainingDevice } from './training-device.js';

/** Plan, memory and dispatches for batches of one shape: kept from step to step, since batches rarely change in shape. */
export interface Workspace {
  readonly batch: BatchPlan;
  readonly memory: BatchMemory;
  readonly dispatches: StepDispatches;
  destroy(): void;
}

/** @throws NeuralSdfError BACKEND_UNAVAILABLE where the device has no room */
export async function makeWorkspace(
  on: TrainingDevice,
  pipelines: Pipelines,
  plan: Plan,
  shape: BatchShape,
  limits: BatchLimits,
  decoder: DecoderMemory,
  losses: GPUBuffer,
): Promise<Workspace> {
  const batch = planBatch(plan, shape, limits);
  const buffers = new Buffers(on.device, limits.operand);
  try {
    return await on.checked(() => {
      const memory = makeBatchMemory(buffers, plan, batch);
      const dispatches = planDispatches(on.device, pipelines, plan, batch, decoder, memory, losses);
      return { batch, memory, dispatches, destroy: () => buffers.destroy() };
    });
  } catch (error) {
    buffers.destroy();
    throw error;
  }
}

export function isSameShape(a: BatchShape, b: BatchShape): boolean {
  return a.groups === b.groups && a.rows === b.rows && a.samples === b.samples;
}
