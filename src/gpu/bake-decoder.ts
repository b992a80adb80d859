import type { Activation } from '../decoder/activation.js';
import type { FoldedDecoder } from '../decoder/folding.js';
import { bakeActivation } from './bake-activation.js';
import { writeBackward } from './bake-backward.js';
import { writeForward } from './bake-forward.js';
import { vectors } from './bake-product.js';

/** A decoder as WGSL text; what changes from shape to shape stays outside it, in the bias table. */
export interface BakedDecoder {
  /**
   * Declares `var<private> decoderBias: array<vec4f, biasVectors>` (fill it first, from wherever the table lives),
   * `fn decoderDistance(p: vec3f) -> f32` and, when asked for, `fn decoderGradient(p: vec3f) -> vec4f` (xyz d distance /
   * d point, w distance). Point and distance in model units.
   */
  readonly wgsl: string;
  /** vec4 entries of the bias table: each layer's rows, padded to fours. */
  readonly biasVectors: number;
}

export interface BakeOptions {
  /** Also write decoderGradient. It doubles the code and so the compile time; leave it out where only distances are needed. */
  readonly gradient?: boolean;
  /**
   * Per layer [outputs]: the band of pre-activations over which decoderGradient ramps a ReLU's derivative instead of
   * switching it, from `measureKinkWidths`. Without it the gradient is the exact one.
   */
  readonly kinkWidths?: readonly Float32Array[];
  /**
   * Part the code into many basic blocks. Chromium's software GPU, SwiftShader, gives every value of a block a place of its own on the
   * stack, and is lost where a kernel's places take more than 512 KiB: the pass of gradients of a 4x64 takes 498 without parts, 82 with
   * them. Elsewhere they do no good: on lavapipe tracing takes 1.1 times as long.
   */
  readonly parts?: boolean;
}

/**
 * Writes a folded decoder as straight-line WGSL with its weights as literals: measured on software GPUs, the only form
 * without private arrays or loops in the inner product, and 5 to 40 times faster than those. The bias table is copied to
 * private memory once by the caller, because reading it where it is used costs 2.5 times as much.
 */
export function bakeDecoder(folded: FoldedDecoder, options: BakeOptions = {}): BakedDecoder {
  const biasVectors = folded.layers.reduce((sum, layer) => sum + vectors(layer.outputs), 0);
  // A decoder has one hidden layer at least, and all of them the same activation.
  const activation = bakeActivation(folded.layers[0].activation as Activation, folded.activationScale);
  const forward = writeForward(folded, activation, options.parts);
  const functions = [`fn decoderDistance(p: vec3f) -> f32 {\n${forward}return distance;\n}`];
  if (options.gradient) {
    const backward = writeBackward(folded, activation, options);
    functions.push(`fn decoderGradient(p: vec3f) -> vec4f {\n${forward}${backward}}`);
  }
  if (activation.declaration) functions.unshift(activation.declaration);
  if (folded.outputTanh || folded.innerTanh) functions.unshift(SAFE_TANH);
  return { wgsl: `var<private> decoderBias: array<vec4f, ${biasVectors}>;\n${functions.join('\n')}\n`, biasVectors };
}

/** WGSL's own tanh is indeterminate above 88 on some devices. */
const SAFE_TANH = `fn decoderTanh(x: f32) -> f32 {
let e = exp(-2. * abs(x));
return sign(x) * (1. - e) / (1. + e);
}`;

/**
 * The table that a baked decoder reads as `decoderBias`.
 * @param biases [biasCount], from foldBiases
 * @param out [4 * biasVectors], made when not given
 */
export function packBiases(folded: FoldedDecoder, biases: Float32Array, out?: Float32Array): Float32Array {
  const packed = out ?? new Float32Array(4 * folded.layers.reduce((sum, layer) => sum + vectors(layer.outputs), 0));
  let at = 0;
  for (const layer of folded.layers) {
    packed.set(biases.subarray(layer.biasOffset, layer.biasOffset + layer.outputs), at);
    at += 4 * vectors(layer.outputs);
  }
  return packed;
}
