import type { Decoder } from '../../src/decoder/decoder.js';
import type { Random } from '../../src/random.js';
import { type Rays, searchRays } from '../../src/tracing/dense-search.js';
import type { DistanceField } from '../../src/tracing/distance-field.js';
import { boxWindow, type Vector } from '../../src/tracing/march-ray.js';
import { createWasmEvaluator } from '../../src/wasm/wasm-evaluator.js';
import { foldedTruth } from './folded-truth.js';

/**
 * Rays from all around the box through a point near its middle, from where they enter it.
 * @param reach half the side of the cube that the points lie in, as a share of the half extent
 */
export function drawRays(count: number, halfExtent: number, random: Random, reach = 0.6): Rays {
  const rays = { origins: new Float32Array(3 * count), directions: new Float32Array(3 * count), lengths: new Float32Array(count) };
  for (let i = 0; i < count; i++) {
    const drawn = [random.normal(), random.normal(), random.normal()];
    const direction = drawn.map((value) => value / Math.hypot(...drawn)) as unknown as Vector;
    const through = [0, 1, 2].map(() => random.range(-reach, reach) * halfExtent) as unknown as Vector;
    const { entry, exit } = boxWindow(through, direction, halfExtent);
    for (let axis = 0; axis < 3; axis++) rays.origins[3 * i + axis] = through[axis] + direction[axis] * entry;
    rays.directions.set(direction, 3 * i);
    rays.lengths[i] = exit - entry;
  }
  return rays;
}

export interface JudgeSettings {
  /** Model units. */
  readonly step?: number;
  readonly maxSlope?: number;
}

/** The dense search by our wasm kernels and, where it settles a crossing, in float64. */
export async function searchShape(decoder: Decoder, latent: Float32Array, rays: Rays, settings: JudgeSettings = {}): Promise<Float64Array> {
  const evaluator = await createWasmEvaluator(decoder, latent);
  const exact = foldedTruth(decoder, latent);
  return searchRays(rays, { evaluator, exact, step: settings.step ?? 0.006, maxSlope: settings.maxSlope ?? 4 });
}

/** Largest slope of the distance found at random points near the shape. */
export async function measureSlope(decoder: Decoder, latent: Float32Array, halfExtent: number, random: Random): Promise<number> {
  const count = 8192;
  const points = Float32Array.from({ length: 3 * count }, () => random.range(-halfExtent, halfExtent));
  const gradients = new Float32Array(3 * count);
  const evaluator = await createWasmEvaluator(decoder, latent);
  evaluator.evaluateGradient(points, new Float32Array(count), gradients);
  let most = 0;
  for (let i = 0; i < count; i++) most = Math.max(most, Math.hypot(gradients[3 * i], gradients[3 * i + 1], gradients[3 * i + 2]));
  return most;
}

/** Length of the solid that a ray passes through from where it enters it, and how deep it comes below the surface; model units. */
export function measureChord(field: DistanceField, rays: Rays, ray: number, entry: number): { chord: number; depth: number } {
  const at = 3 * ray;
  const [origin, direction] = [rays.origins.subarray(at, at + 3), rays.directions.subarray(at, at + 3)];
  const step = 2e-4;
  let deepest = 0;
  for (let s = entry + step; s < rays.lengths[ray]; s += step) {
    const value = field.distance(origin[0] + direction[0] * s, origin[1] + direction[1] * s, origin[2] + direction[2] * s);
    if (value > 0) return { chord: s - entry, depth: -deepest };
    deepest = Math.min(deepest, value);
  }
  return { chord: rays.lengths[ray] - entry, depth: -deepest };
}

export interface RayAgreement {
  readonly rays: number;
  /** Rays that either hits. */
  readonly hits: number;
  /** Rays on which one hits and the other does not. */
  readonly missed: number;
  readonly invented: number;
  /** |difference| of the length along the rays that both hit, ascending, model units. */
  readonly errors: Float64Array;
}

/** @param traced [n] lengths, infinite for a miss @param truth [n] */
export function compareHits(traced: ArrayLike<number>, truth: Float64Array): RayAgreement {
  let [hits, missed, invented] = [0, 0, 0];
  const errors: number[] = [];
  truth.forEach((exact, ray) => {
    const [a, b] = [Number.isFinite(traced[ray]), Number.isFinite(exact)];
    if (a || b) hits++;
    if (b && !a) missed++;
    if (a && !b) invented++;
    if (a && b) errors.push(Math.abs(traced[ray] - exact));
  });
  return { rays: truth.length, hits, missed, invented, errors: Float64Array.from(errors).sort() };
}

export function quantile(sorted: Float64Array, share: number): number {
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] : 0;
}
