import { HIT_WORDS, RAY_FLOATS } from '../../src/gpu/ray-tracer.js';
import { TEXEL_FLOATS } from '../../src/gpu/view-tracer.js';
import { pixelOfRay } from './orbit.js';

/** Of the pixels that show the shape. */
export interface HitDifference {
  /** Pixels that one way hits and the other does not. */
  readonly missing: number;
  /** Pixels whose depths are further apart than the tolerance. */
  readonly apart: number;
  readonly covered: number;
}

/**
 * What rays from a list hit, against what the same camera's view shows.
 * @param rays from cameraRays, [count, RAY_FLOATS]
 * @param hits of these rays, [count, HIT_WORDS] @param texels [height, width, TEXEL_FLOATS], from the bottom row on
 * @param forward where the camera looks, of unit length
 * @param tolerance of the depth, model units
 */
export function compareHits(
  rays: Float32Array,
  hits: Float32Array<ArrayBuffer>,
  texels: Float32Array,
  size: { readonly width: number; readonly height: number },
  forward: readonly number[],
  tolerance: number,
): HitDifference {
  const words = new Uint32Array(hits.buffer);
  let [missing, apart, covered] = [0, 0, 0];
  for (let i = 0; i < size.width * size.height; i++) {
    const { x, y } = pixelOfRay(i, size.width);
    const texel = TEXEL_FLOATS * ((size.height - 1 - y) * size.width + x);
    const isHit = words[HIT_WORDS * i + 5] === 1;
    const isShown = texels[texel + 3] > 0;
    if (isHit || isShown) covered++;
    if (isHit !== isShown) missing++;
    if (!isHit || !isShown) continue;
    const direction = rays.subarray(RAY_FLOATS * i + 4, RAY_FLOATS * i + 7);
    const cosine = forward.reduce((sum, value, axis) => sum + value * direction[axis], 0);
    if (Math.abs(texels[texel] - hits[HIT_WORDS * i + 3] * cosine) > tolerance) apart++;
  }
  return { missing, apart, covered };
}
