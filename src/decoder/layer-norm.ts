import type { FloatArray } from './decoder.js';

/** Added to the variance, as PyTorch's LayerNorm has it. */
export const LAYER_NORM_EPSILON = 1e-5;

/** Layer norm's two vectors (PyTorch calls them weight and bias). */
export interface LayerNorm {
  /** [outputs] */
  readonly gain: FloatArray;
  /** [outputs] */
  readonly shift: FloatArray;
}

/**
 * Layer normalisation (Ba 2016) of one sample: gain (x - mean) / sqrt(variance + epsilon) + shift, the variance biased.
 * @param values [outputs], overwritten by the normalised values, before gain and shift
 * @param out [outputs]; may be `values`, whose normalised values are lost then
 * @returns 1 / sqrt(variance + epsilon), which the way back needs
 */
export function applyLayerNorm(values: FloatArray, { gain, shift }: LayerNorm, out: FloatArray): number {
  const count = values.length;
  let mean = 0;
  for (let i = 0; i < count; i++) mean += values[i];
  mean /= count;
  let variance = 0;
  for (let i = 0; i < count; i++) variance += (values[i] - mean) ** 2;
  const inverse = 1 / Math.sqrt(variance / count + LAYER_NORM_EPSILON);
  for (let i = 0; i < count; i++) {
    values[i] = (values[i] - mean) * inverse;
    out[i] = values[i] * gain[i] + shift[i];
  }
  return inverse;
}

/**
 * The way back, in place: from d/d output to d/d input.
 * @param gradient [outputs]
 * @param normalized [outputs], as `applyLayerNorm` left them in `values`
 * @param inverse its answer
 * @param into where d/d gain and d/d shift are added to, [outputs] each
 */
export function layerNormGradient(
  gradient: Float64Array,
  normalized: FloatArray,
  inverse: number,
  gain: FloatArray,
  into?: { readonly gain: Float64Array; readonly shift: Float64Array },
): void {
  const count = gradient.length;
  let mean = 0;
  let along = 0;
  for (let i = 0; i < count; i++) {
    if (into) {
      into.gain[i] += gradient[i] * normalized[i];
      into.shift[i] += gradient[i];
    }
    gradient[i] *= gain[i];
    mean += gradient[i] / count;
    along += (gradient[i] * normalized[i]) / count;
  }
  for (let i = 0; i < count; i++) gradient[i] = inverse * (gradient[i] - mean - normalized[i] * along);
}
