// @ts-nocheck: AssemblyScript, which asc checks; src/wasm/build.mjs compiles it.

/*
 * Structures that TypeScript writes (../layout-fields.ts, fields in the same order) and the kernels read. All of a decoder lives in one
 * memory. A panel holds 8 samples: [rows][8] floats. Products come in blocks of 5 rows; rows beyond the last are 0. Matrices of
 * activations are lists of panels, `panelStride` bytes apart.
 */

/** One fully connected layer without its latent columns, which are folded into a bias per group. */
@unmanaged
export class Layer {
  /** Outputs of the layer before, 0 for layer 0. */
  hidden: usize;
  /** Rows of the encoded point, 0 where it does not enter. */
  point: usize;
  /** point + hidden: what the forward product sums over. */
  depth: usize;
  /** Of an input panel, the row where the encoded point begins; hidden rows follow it. */
  pointRow: usize;
  /** pointRow + point, a multiple of 8. */
  hiddenRow: usize;
  /** hiddenRow + hidden: all rows of an input panel. */
  rows: usize;
  outputs: usize;
  /** Columns of the tensor as the training state has it: hidden, latent, point. */
  columns: usize;
  /** Columns of the latent code, 0 where it does not enter. */
  latent: usize;
  /** RELU and so on of activation.ts, LINEAR for the last layer. */
  activation: usize;
  /** Whether a pass of its own makes the outputs (outputs.ts): all but ReLU alone, which the product does on its way. */
  shaped: usize;
  /** Address of [outputs] 1 / width of the band that each ReLU's derivative is ramped over; 0 for a step. */
  kinks: usize;
  /** Weight norm. */
  normalized: usize;
  layerNorm: usize;
  dropped: usize;
  /** `dropoutKey` of src/training/dropout.ts */
  dropoutKey: u32;
  /** Bytes from the start of a group's biases, or of a tile's sums, to this layer's. */
  biasOffset: usize;
  /** Bytes from the start of a tile's sums to d/d gain and d/d shift. */
  gainSums: usize;
  shiftSums: usize;
  /** [outputs / 5][depth][5] */
  weights: usize;
  /** [hidden / 5][outputs][5] */
  transposed: usize;
  /** [point / 5][outputs][5] */
  transposedPoint: usize;
  /** [outputs][codeStride], zero-padded rows */
  latentWeights: usize;
  /** Bytes from the start of a workspace to this layer's input panels. */
  input: usize;
  /** The same to panels of d output / d pre-activation, dropout included; where shaped. */
  slopes: usize;
  /** The same to panels of what layer norm gave before gain and shift, and one row more of 1 / standard deviation. */
  standardized: usize;
  /** Bytes from the start of a slice's gradient to this layer's: [outputs / 5][rows / 8][5][8] */
  gradient: usize;
  /** Bytes from the start of the parameters to [outputs, columns]. */
  v: usize;
  /** The same to [outputs], where normalised. */
  g: usize;
  /** The same to [outputs]. */
  bias: usize;
  /** The same to [outputs], where there is layer norm. */
  gain: usize;
  shift: usize;
}

@unmanaged
export class Plan {
  layers: usize;
  layerCount: usize;
  octaves: usize;
  encodedLength: usize;
  activationScale: f32;
  innerTanh: usize;
  outputTanh: usize;
  codeLength: usize;
  /** Bytes of one latent code, padded to 16. */
  codeStride: usize;
  /** Bytes of one group's biases, every layer padded to 16. */
  biasStride: usize;
  /** Bytes of one tile's sums: biases, then gains and shifts. */
  sumStride: usize;
  shapeCount: usize;

  /** All parameters in the training state's order, latents at `latents` bytes; moments and gradients are laid out alike. */
  parameters: usize;
  gradients: usize;
  firstMoments: usize;
  secondMoments: usize;
  latents: usize;
  parameterBytes: usize;

  workspaces: usize;
  workspaceStride: usize;
  /** Offsets inside a workspace. */
  output: usize;
  deltaA: usize;
  deltaB: usize;
  transposedInput: usize;
  transposedDelta: usize;
  encodedGradient: usize;
  /** What the longest row of `packRows` takes, or a latent code. */
  scratch: usize;

  /** What threads take jobs from, see step.ts. */
  counters: usize;
  /** Whether a thread that waits may sleep: not on a page's main thread, nor where memory is not shared. */
  mayBlock: usize;
  /** [chunks of the decoder's parameters] f64, see update.ts */
  squares: usize;

  /** Per slice of the batch, the sum over its tiles. */
  sliceGradients: usize;
  sliceGradientStride: usize;
  slices: usize;

  groups: usize;
  /** Rows of a group, stencils included. */
  samplesPerShape: usize;
  /** Rows of a group before its stencils, a multiple of 4 where there are any. */
  distanceRows: usize;
  tilesPerGroup: usize;
  tileSamples: usize;
  tiles: usize;
  /** [groups] */
  shapes: usize;
  /** [groups][codeStride] */
  codes: usize;
  /** [groups][codeStride] factors of the code where it enters layer 0, 0 for no latent dropout. */
  codeFactors: usize;
  /** [groups][codeStride] what enters layer 0: `codes`, or their product with the factors. */
  droppedCodes: usize;
  /** [groups][biasStride] */
  biases: usize;
  /** [tiles][sumStride] sums over a tile's samples of d loss / d pre-activation, gain and shift */
  tileSums: usize;
  /** [tiles] f64 */
  tileLosses: usize;
  points: usize;
  distances: usize;

  saturatedLoss: usize;
  delta: f32;
  /** 1 / (1 - probability) */
  dropoutFactor: f32;
  /** `dropoutThreshold` of src/training/dropout.ts */
  dropoutThreshold: u32;
  stencilStep: f32;
  /** Weight of the eikonal term x samples / stencils, since all gradients are divided by the number of samples in the end. */
  eikonalScale: f32;
  regularization: f32;
  /** Longest gradient of the decoder, 0 for any length. */
  gradientClip: f32;
  /** Adam: learning rates / (1 - beta1^t), 1 / sqrt(1 - beta2^t). */
  decoderRate: f32;
  latentRate: f32;
  rootScale: f32;
  beta1: f32;
  beta2: f32;
  epsilon: f32;
  /** 1 - beta1 and 1 - beta2: 0.001 to all digits, where 1 - 0.999 in float32 has five. */
  rest1: f32;
  rest2: f32;
}

export function layerAt(plan: Plan, index: usize): Layer {
  return changetype<Layer>(plan.layers + index * offsetof<Layer>());
}

/**
 * Room for the rows that the last block of 5 has too many, and 64 bytes more, so that panels of a power of two do not fall on the same
 * cache sets.
 */
export function panelStride(rows: usize): usize {
  return ((rows + 11) & ~7) * 32 + 64;
}
