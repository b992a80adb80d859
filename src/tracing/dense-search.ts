import type { DistanceEvaluator } from '../decoder/evaluator.js';

/** Rays in model units. */
export interface Rays {
  /** [n, 3] */
  readonly origins: Float32Array;
  /** [n, 3], of unit length. */
  readonly directions: Float32Array;
  /** [n] */
  readonly lengths: Float32Array;
}

export interface DenseSearch {
  /** Brackets the crossings; float32 will do. */
  readonly evaluator: DistanceEvaluator;
  /** The truth that settles them, in float64. */
  readonly exact: (x: number, y: number, z: number) => number;
  /** Longest distance between two samples near a surface, model units. */
  readonly step: number;
  /** Bound of the slope of the distance: where it holds, samples may lie further apart away from any surface. */
  readonly maxSlope: number;
}

/** What is known of each ray while the search goes on. */
interface Walk {
  s: number;
  /** The two samples before. */
  previous: readonly [number, number];
  beforePrevious: readonly [number, number];
}

/**
 * The first crossing from outside to inside along each ray, found without sphere tracing's assumptions: dense samples, sign changes and
 * dips between them, both settled in float64. The judge of what is traced.
 * @returns [n] length along the ray; 0 where it starts inside; infinite where it crosses nothing
 */
export function searchRays(rays: Rays, search: DenseSearch): Float64Array {
  const count = rays.lengths.length;
  const found = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const walks = Array.from({ length: count }, (): Walk => ({ s: 0, previous: [0, 0], beforePrevious: [0, 0] }));
  let active = Array.from({ length: count }, (_, ray) => ray);
  while (active.length > 0) {
    const points = new Float32Array(3 * active.length);
    active.forEach((ray, i) => {
      for (let axis = 0; axis < 3; axis++)
        points[3 * i + axis] = rays.origins[3 * ray + axis] + rays.directions[3 * ray + axis] * walks[ray].s;
    });
    const values = new Float32Array(active.length);
    search.evaluator.evaluate(points, values);
    active = active.filter((ray, i) => {
      const crossing = advance(walks[ray], values[i], rays.lengths[ray], search, (s) => exactAlong(rays, ray, search, s));
      if (crossing !== undefined) found[ray] = crossing;
      return crossing === undefined && walks[ray].s <= rays.lengths[ray];
    });
  }
  return found;
}

/** One sample more. @returns the crossing, once it is known */
function advance(walk: Walk, value: number, length: number, search: DenseSearch, exact: (s: number) => number): number | undefined {
  const { s, previous, beforePrevious } = walk;
  if (value < 0) {
    if (s === 0) return 0;
    return settle(exact, previous[0], s);
  }
  // A dip between samples may reach below zero. The first sample of all has no neighbour before it.
  const dips = previous[0] > 0 && previous[1] <= beforePrevious[1] && previous[1] <= value && previous[1] < search.step * search.maxSlope;
  if (dips) {
    const lowest = lowestPoint(exact, beforePrevious[0], s);
    if (exact(lowest) < 0) return settle(exact, beforePrevious[0], lowest);
  }
  walk.beforePrevious = previous;
  walk.previous = [s, value];
  const next = s + Math.max(search.step, value / search.maxSlope);
  // The ray's end is a sample as well.
  walk.s = s < length && next > length ? length : next;
  return undefined;
}

function exactAlong({ origins, directions }: Rays, ray: number, { exact }: DenseSearch, s: number): number {
  const at = 3 * ray;
  return exact(origins[at] + directions[at] * s, origins[at + 1] + directions[at + 1] * s, origins[at + 2] + directions[at + 2] * s);
}

/** Regula falsi (Illinois) between a sample outside and one inside, to a millionth of a unit. */
function settle(exact: (s: number) => number, outside: number, inside: number): number {
  let [low, high] = [outside, inside];
  let [atLow, atHigh] = [exact(low), exact(high)];
  // The bracket is float32's: where float64 sees no change of sign, the crossing is at that end.
  if (atLow <= 0) return low;
  if (atHigh >= 0) return high;
  let kept = 0;
  for (let step = 0; step < 30 && high - low > 1e-6; step++) {
    const middle = low + ((high - low) * atLow) / (atLow - atHigh);
    const value = exact(middle);
    if (Math.abs(value) < 1e-7) return middle;
    if (value < 0) {
      [high, atHigh] = [middle, value];
      if (kept < 0) atLow *= 0.5;
      kept = -1;
    } else {
      [low, atLow] = [middle, value];
      if (kept > 0) atHigh *= 0.5;
      kept = 1;
    }
  }
  return 0.5 * (low + high);
}

/** Golden section search. */
function lowestPoint(exact: (s: number) => number, from: number, to: number): number {
  const golden = 0.5 * (Math.sqrt(5) - 1);
  let [low, high] = [from, to];
  let a = high - golden * (high - low);
  let b = low + golden * (high - low);
  let [atA, atB] = [exact(a), exact(b)];
  for (let step = 0; step < 12; step++) {
    if (atA < atB) {
      high = b;
      [b, atB] = [a, atA];
      a = high - golden * (high - low);
      atA = exact(a);
    } else {
      low = a;
      [a, atA] = [b, atB];
      b = low + golden * (high - low);
      atB = exact(b);
    }
  }
  return 0.5 * (low + high);
}
