/**
 * Scales gradients in place so that their length, taken all together, is at most `bound`: torch's clip_grad_norm_, which the authors'
 * code calls with `GradientClipNorm` on the decoder's parameters alone.
 * @param bound undefined for none
 */
export function clipGradients(gradients: readonly Float64Array[], bound: number | undefined): void {
  if (bound === undefined) return;
  let square = 0;
  for (const gradient of gradients) for (const value of gradient) square += value * value;
  const factor = clipFactor(Math.sqrt(square), bound);
  if (factor < 1) for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) gradient[i] *= factor;
}

/** PyTorch's: keeps a gradient of length 0 from a division by it. */
export const CLIP_EPSILON = 1e-6;

/** What a gradient of this length is multiplied by. */
export function clipFactor(length: number, bound: number): number {
  return Math.min(1, bound / (length + CLIP_EPSILON));
}
