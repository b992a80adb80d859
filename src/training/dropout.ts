/*
 * Dropout masks as a pure function of (step's seed, layer, sample, unit), so that every engine draws the same ones, whatever its order
 * and its threads, and a resumed run repeats them. 32-bit integers only: WGSL, wasm and JavaScript agree to the bit.
 */

/** Hashes an unsigned 32-bit number (the 'lowbias32' constants of Wellons 2018). */
export function hash32(x: number): number {
  let h = x >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The layer number that stands for the latent code's own mask. */
export const LATENT_LAYER = 0xffff;

/** Keys the masks of one layer in one step. */
export function dropoutKey(stepSeed: number, layer: number): number {
  return hash32((stepSeed ^ Math.imul(layer + 1, 0x9e3779b1)) >>> 0);
}

/** A hash below it drops. @param probability 0 to below 1 */
export function dropoutThreshold(probability: number): number {
  return Math.min(0xffffffff, Math.round(probability * 2 ** 32));
}

/**
 * Whether something is kept. For a hidden unit, `index` is row of the batch * outputs of the layer + unit, stencil rows counted; for the
 * latent code (layer LATENT_LAYER), group * codeLength + i. Indices wrap at 2^32.
 */
export function isKept(key: number, index: number, threshold: number): boolean {
  return hash32((Math.imul(index, 0x85ebca6b) ^ key) >>> 0) >= threshold;
}

/** Step's seed from a run's. */
export function dropoutSeed(runSeed: number, step: number): number {
  return hash32((hash32(runSeed >>> 0) ^ step) >>> 0);
}
