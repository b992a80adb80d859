import { type BatchMemory, makeBatchMemory } from './batch-memory.js';
import { type BatchLimits, type BatchPlan, type BatchShape, planBatch } from './batch-plan.js';
import { Buffers } from './buffers.js';
import { type DecoderParts, planDispatches, type StepDispatches } from './dispatches.js';
import type { TrainingDevice } from './training-device.js';

/** Plan, memory and dispatches for batches of one shape: kept from step to step, since batches rarely change in shape. */
export interface Workspace {
  readonly batch: BatchPlan;
  readonly memory: BatchMemory;
  readonly dispatches: StepDispatches;
  destroy(): void;
}

/** @throws NeuralSdfError BACKEND_UNAVAILABLE where the device has no room */
export async function makeWorkspace(on: TrainingDevice, parts: DecoderParts, shape: BatchShape, limits: BatchLimits): Promise<Workspace> {
  const { plan, device } = parts;
  const batch = planBatch(plan, shape, limits);
  const buffers = new Buffers(device, limits.operand);
  try {
    return await on.checked(() => {
      const memory = makeBatchMemory(buffers, plan, batch);
      return { batch, memory, dispatches: planDispatches({ ...parts, batch, memory }), destroy: () => buffers.destroy() };
    });
  } catch (error) {
    buffers.destroy();
    throw error;
  }
}

export function isSameShape(a: BatchShape, b: BatchShape): boolean {
  return a.groups === b.groups && a.rows === b.rows && a.samples === b.samples;
}
