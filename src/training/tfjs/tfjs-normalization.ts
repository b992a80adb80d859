import * as tf from '@tensorflow/tfjs-core';
import { LAYER_NORM_EPSILON } from '../../decoder/layer-norm.js';

export interface WeightNorm {
  /** [rows, columns] v / |v| */
  readonly direction: tf.Tensor2D;
  /** [rows, 1] g / |v| */
  readonly scale: tf.Tensor2D;
}

/** See `weightNormGradient` in ../weight-norm.ts; a row of length 0 stays 0 and gets no gradient. */
export function weightNorm(v: tf.Tensor2D, g: tf.Tensor1D): WeightNorm {
  const norm = rowNorms(v);
  const inverse = tf.div(tf.cast(tf.greater(norm, 0), 'float32'), tf.maximum(norm, 1e-30));
  return { direction: tf.mul(v, inverse), scale: tf.mul(tf.reshape(g, [-1, 1]), inverse) };
}

/** @returns d/d v and d/d g, from d/d effective weight */
export function weightNormGradient({ direction, scale }: WeightNorm, weightGradient: tf.Tensor2D): [v: tf.Tensor, g: tf.Tensor] {
  const along = tf.sum(tf.mul(weightGradient, direction), 1, true);
  return [tf.mul(scale, tf.sub(weightGradient, tf.mul(direction, along))), tf.reshape(along, [-1])];
}

export interface LayerNormTrace {
  /** [n, outputs] before gain and shift */
  readonly normalized: tf.Tensor2D;
  /** [n, 1] 1 / standard deviation */
  readonly inverse: tf.Tensor2D;
  /** [outputs] */
  readonly gain: tf.Tensor1D;
}

/** `applyLayerNorm` of ../../decoder/layer-norm.ts for each row. */
export function layerNorm(sums: tf.Tensor2D, gain: tf.Tensor1D, shift: tf.Tensor1D): { output: tf.Tensor2D; trace: LayerNormTrace } {
  const centred: tf.Tensor2D = tf.sub(sums, tf.mean(sums, 1, true));
  const inverse: tf.Tensor2D = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), LAYER_NORM_EPSILON));
  const normalized: tf.Tensor2D = tf.mul(centred, inverse);
  return { output: tf.add(tf.mul(normalized, gain), shift), trace: { normalized, inverse, gain } };
}

/** From d/d output to d/d input, row by row; gain's and shift's gradients are the column sums of gradient * normalized and of gradient. */
export function layerNormGradient({ normalized, inverse, gain }: LayerNormTrace, gradient: tf.Tensor2D): tf.Tensor2D {
  const scaled: tf.Tensor2D = tf.mul(gradient, gain);
  const along = tf.mean(tf.mul(scaled, normalized), 1, true);
  return tf.mul(inverse, tf.sub(tf.sub(scaled, tf.mean(scaled, 1, true)), tf.mul(normalized, along)));
}

/** |row| of each row, [rows, 1]. */
export function rowNorms(matrix: tf.Tensor2D): tf.Tensor2D {
  return tf.sqrt(tf.sum(tf.square(matrix), 1, true));
}
