// @ts-nocheck: AssemblyScript, which asc checks; src/wasm/build.mjs compiles it.

/*
 * Structures that TypeScript writes (../layout.ts, fields in the same order) and the kernels read. All of a decoder lives in one memory.
 * A panel holds 8 samples: [rows][8] floats. Matrices of activations are lists of panels, `panelStride` bytes apart.
 */

/** One fully connected layer without its latent columns, which are folded into a bias per group. */
@unmanaged
export class Layer {
  /** Outputs of the layer before, 0 for layer 0. */
  hidden: usize;
  /** `hidden` padded to a multiple of 8; the encoded point's rows follow. */
  hiddenRows: usize;
  /** Rows of the encoded point, 0 where it does not enter. */
  point: usize;
  /** hiddenRows + point: what the forward product sums over. */
  depth: usize;
  outputs: usize;
  /** Columns of the tensor as the training state has it: hidden, latent, point. */
  columns: usize;
  /** Columns of the latent code, 0 where it does not enter. */
  latent: usize;
  rectified: usize;
  normalized: usize;
  /** Bytes from the start of a group's biases to this layer's. */
  biasOffset: usize;
  /** [outputs / 4][depth][4] */
  weights: usize;
  /** [depth / 4][outputs][4] */
  transposed: usize;
  /** [outputs][codeStride], zero-padded rows */
  latentWeights: usize;
  /** Bytes from the start of a workspace to this layer's input panels. */
  input: usize;
  /** Bytes from the start of a slice's gradient to this layer's: [depth / 8][outputs padded to 4][8] */
  gradient: usize;
  /** Bytes from the start of the parameters to [outputs, columns]. */
  v: usize;
  /** The same to [outputs], where normalised. */
  g: usize;
  /** The same to [outputs]. */
  bias: usize;
}

@unmanaged
export class Plan {
  layers: usize;
  layerCount: usize;
  octaves: usize;
  encodedLength: usize;
  outputTanh: usize;
  saturatedLoss: usize;
  delta: f32;
  codeLength: usize;
  /** Bytes of one latent code, padded to 16. */
  codeStride: usize;
  /** Bytes of one group's biases, every layer padded to 16. */
  biasStride: usize;
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

  /** Per slice of the batch, the sum over its tiles. */
  sliceGradients: usize;
  sliceGradientStride: usize;
  slices: usize;

  groups: usize;
  samplesPerShape: usize;
  tilesPerGroup: usize;
  tileSamples: usize;
  tiles: usize;
  /** [groups] */
  shapes: usize;
  /** [groups][codeStride] */
  codes: usize;
  /** [groups][biasStride] */
  biases: usize;
  /** [tiles][biasStride] sums over a tile's samples of d loss / d pre-activation */
  tileSums: usize;
  /** [tiles] f64 */
  tileLosses: usize;
  points: usize;
  distances: usize;
}

export function layerAt(plan: Plan, index: usize): Layer {
  return changetype<Layer>(plan.layers + index * offsetof<Layer>());
}

/** 64 bytes more than a panel, so that panels of a power of two do not fall on the same cache sets. */
export function panelStride(rows: usize): usize {
  return ((rows + 7) & ~7) * 32 + 64;
}
