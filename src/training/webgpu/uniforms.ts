/**
 * Structures that the processor writes and the kernels read: one list of fields makes the WGSL and the bytes. Every field takes 4 bytes.
 */
export type Fields<Name extends string> = Readonly<Record<Name, 'u32' | 'f32'>>;

/** A dynamic offset or an element of a uniform array must be a multiple of it. */
export const UNIFORM_ALIGNMENT = 256;

/** One layer: widths, and where its numbers start in each buffer, counted in numbers. */
export const LAYER_FIELDS = {
  index: 'u32',
  outputs: 'u32',
  /** Columns of its weights: the previous layer's outputs, the latent code, the encoded point. */
  hidden: 'u32',
  latent: 'u32',
  point: 'u32',
  /** Padded width of its input (hidden and point). */
  inputStride: 'u32',
  /** Padded width of its output, before what is concatenated. */
  outputStride: 'u32',
  /** inputStride of the next layer. */
  nextStride: 'u32',
  /** NORMALIZATIONS' index. */
  normalization: 'u32',
  /** 1 where dropout follows it. */
  dropped: 'u32',
  /** In the weights that samples are multiplied by, [outputs, inputStride] and transposed [hidden + point, outputStride]. */
  weightAt: 'u32',
  transposedAt: 'u32',
  /** In the state: v or weight, bias, and g of weight norm or gain and shift of layer norm. */
  parameterAt: 'u32',
  biasAt: 'u32',
  gainAt: 'u32',
  /** In the effective decoder: weight; bias, gain, shift. */
  decoderAt: 'u32',
  decoderBiasAt: 'u32',
  /** Of its rows among all layers': folded biases, column sums, squares of gradients. */
  rowAt: 'u32',
  /** Column sums of layer norm's gain and shift. */
  normSumAt: 'u32',
  /** Sums over slices of the batch's rows: [slices, outputStride, inputStride]; no slices for the output layer. */
  partialAt: 'u32',
  slices: 'u32',
  rowsPerSlice: 'u32',
} as const satisfies Fields<string>;

/** Fixed for a run: sizes, and the settings that are numbers. What is named after a setting is that setting. */
export const RUN_FIELDS = {
  layers: 'u32',
  codeLength: 'u32',
  shapeCount: 'u32',
  /** In the state. */
  latentsAt: 'u32',
  /** A group's folded biases, one for each row of each layer, and its column sums, which begin with the same. */
  biasStride: 'u32',
  sumStride: 'u32',
  /** Among the column sums: the loss, and what becomes the gradient of the output layer's weights. */
  lossSumAt: 'u32',
  headSumAt: 'u32',
  innerTanh: 'u32',
  outputTanh: 'u32',
  clampBothSides: 'u32',
  dropoutThreshold: 'u32',
  latentDropoutThreshold: 'u32',
  dropoutScale: 'f32',
  latentDropoutScale: 'f32',
  activationScale: 'f32',
  delta: 'f32',
  stencilStep: 'f32',
  /** 0 for none. */
  gradientClip: 'f32',
  codeBound: 'f32',
  /** Factor of all gradients until they are collected. */
  gradientScale: 'f32',
} as const satisfies Fields<string>;

/** A step, and which part of its batch is being computed. */
export const BATCH_FIELDS = {
  groups: 'u32',
  /** Rows of a group. */
  rows: 'u32',
  /** Of them samples; stencils follow. */
  samples: 'u32',
  tilesPerGroup: 'u32',
  /** First tile of the chunk, and its rows, padding included. */
  firstTile: 'u32',
  chunkRows: 'u32',
  isFirstChunk: 'u32',
  lossSlot: 'u32',
  dropoutSeed: 'u32',
  /** Eikonal weight, times samples over stencils. */
  stencilFactor: 'f32',
  /** From sums over samples to the mean, and gradientScale taken off. */
  gradientFactor: 'f32',
  regularization: 'f32',
  /** AdamFactors. */
  decoderScale: 'f32',
  latentScale: 'f32',
  rootScale: 'f32',
} as const satisfies Fields<string>;

export type LayerRecord = Record<keyof typeof LAYER_FIELDS, number>;
export type RunRecord = Record<keyof typeof RUN_FIELDS, number>;
export type BatchRecord = Record<keyof typeof BATCH_FIELDS, number>;

/** As WGSL, padded so that it may be bound by itself or as an element of an array. */
export function structText(name: string, fields: Fields<string>): string {
  const names = Object.entries(fields);
  const padding = UNIFORM_ALIGNMENT - 4 * (names.length - 1);
  const members = names.map(([field, type], i) => `${i === names.length - 1 ? `@size(${padding}) ` : ''}${field}: ${type},`);
  return `struct ${name} { ${members.join(' ')} }\n`;
}

/** @returns [UNIFORM_ALIGNMENT] bytes */
export function structBytes<Name extends string>(fields: Fields<Name>, record: Readonly<Record<Name, number>>): ArrayBuffer {
  const bytes = new DataView(new ArrayBuffer(UNIFORM_ALIGNMENT));
  (Object.keys(fields) as Name[]).forEach((field, i) => {
    if (fields[field] === 'u32') bytes.setUint32(4 * i, record[field], true);
    else bytes.setFloat32(4 * i, record[field], true);
  });
  return bytes.buffer as ArrayBuffer;
}
