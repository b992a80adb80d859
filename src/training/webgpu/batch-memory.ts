import type { BatchPlan } from './batch-plan.js';
import type { Buffers } from './buffers.js';
import { LAYER_NORM } from './compose-kernels.js';
import type { Plan } from './plan.js';
import { UNIFORM_ALIGNMENT } from './uniforms.js';

/** What a batch of a given shape takes. Activations are a chunk's; of each layer those of the rows that go into it. */
export interface BatchMemory {
  readonly batch: GPUBuffer;
  readonly shapes: GPUBuffer;
  readonly points: GPUBuffer;
  readonly targets: GPUBuffer;
  /** Folded biases, a row a group. */
  readonly biases: GPUBuffer;
  /** Of each layer: its input, hidden and point. */
  readonly inputs: readonly GPUBuffer[];
  /** Of each layer: the derivative of what follows its sums, but for ReLU. */
  readonly slopes: readonly GPUBuffer[];
  /** Of each layer with layer norm: its sums, then normalised; 1 / standard deviation of each row. */
  readonly sums: readonly GPUBuffer[];
  readonly inverses: readonly GPUBuffer[];
  /** Gradients by a layer's sums: layer i's in the one of i's parity. */
  readonly deltas: readonly GPUBuffer[];
  readonly tileSums: GPUBuffer;
  readonly groupSums: GPUBuffer;
  readonly partials: GPUBuffer;
  readonly latentGradients: GPUBuffer;
}

export function makeBatchMemory(buffers: Buffers, plan: Plan, batch: BatchPlan): BatchMemory {
  const { spec } = plan.settings;
  const hidden = batch.layers.slice(0, -1);
  const rows = batch.chunkTiles * plan.tile.rows;
  const widest = Math.max(...batch.layers.map(({ outputStride }) => outputStride));
  const normalized = (count: number, normalization: number) => (normalization === LAYER_NORM ? count : 0);
  return {
    batch: buffers.uniform('batch', UNIFORM_ALIGNMENT),
    shapes: buffers.numbers('shapes', batch.groups),
    points: buffers.numbers('points', 3 * batch.groups * batch.rows),
    targets: buffers.numbers('targets', batch.groups * batch.rows),
    biases: buffers.numbers('biases', batch.groups * plan.run.biasStride),
    inputs: batch.layers.map(({ index, inputStride }) => buffers.operands(`inputs ${index}`, rows * inputStride)),
    slopes: hidden.map(({ index, outputStride }) =>
      buffers.operands(`slopes ${index}`, spec.activation === 'relu' ? 0 : rows * outputStride),
    ),
    sums: hidden.map((layer) => buffers.numbers(`sums ${layer.index}`, normalized(rows * layer.outputStride, layer.normalization))),
    inverses: hidden.map((layer) => buffers.numbers(`inverses ${layer.index}`, normalized(rows, layer.normalization))),
    deltas: [0, 1].map((parity) => buffers.operands(`deltas ${parity}`, rows * widest)),
    tileSums: buffers.numbers('tile sums', batch.chunkTiles * plan.run.sumStride),
    groupSums: buffers.numbers('group sums', batch.groups * plan.run.sumStride),
    partials: buffers.numbers('partials', batch.partials),
    latentGradients: buffers.numbers('latent gradients', batch.groups * spec.codeLength),
  };
}
