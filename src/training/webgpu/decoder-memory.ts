import { DECODER_LIMITS } from '../../decoder/spec.js';
import type { Buffers } from './buffers.js';
import type { Plan } from './plan.js';
import { UNIFORM_ALIGNMENT } from './uniforms.js';

/** What stays on the device from step to step. */
export interface DecoderMemory {
  readonly run: GPUBuffer;
  /** LayerRecords, one every UNIFORM_ALIGNMENT bytes. */
  readonly layers: GPUBuffer;
  /** The state, tensor after tensor. */
  readonly parameters: GPUBuffer;
  readonly firstMoments: GPUBuffer;
  readonly secondMoments: GPUBuffer;
  /** Effective weights, float32: see `WebGpuTrainingEngine.decoderBuffers`. */
  readonly decoder: GPUBuffer;
  /** The same laid out for the products. */
  readonly weights: GPUBuffer;
  readonly gradients: GPUBuffer;
  /** A row's square of its gradients. */
  readonly squares: GPUBuffer;
}

export function makeDecoderMemory(buffers: Buffers, plan: Plan): DecoderMemory {
  return {
    run: buffers.uniform('run', UNIFORM_ALIGNMENT),
    layers: buffers.uniform('layers', UNIFORM_ALIGNMENT * (DECODER_LIMITS.layers + 1)),
    parameters: buffers.numbers('parameters', plan.parameters),
    firstMoments: buffers.numbers('first moments', plan.parameters),
    secondMoments: buffers.numbers('second moments', plan.parameters),
    decoder: buffers.numbers('decoder', plan.decoder),
    weights: buffers.operands('weights', plan.weights),
    gradients: buffers.numbers('gradients', plan.run.latentsAt),
    squares: buffers.numbers('squares', plan.run.biasStride),
  };
}
