import type { DistanceField } from './distance-field.js';

export type Vector = readonly [number, number, number];

/** How a ray is marched: the constants of the shader of the same names. */
export interface MarchSettings {
  /** Truncation distance, model units. */
  readonly delta: number;
  /** Share of min(f, delta) that is a safe step. */
  readonly stepScale: number;
  /** Distance that counts as a hit, model units. */
  readonly tolerance: number;
  /** Longest piece of a ray that may be left unproven where it grazes a surface, model units. */
  readonly gap: number;
  /** Cap on evaluations along a ray. */
  readonly maxEvaluations: number;
}

export interface RayHit {
  /** Along the ray, from its origin, model units; the nearest approach of a ray that misses. */
  readonly distance: number;
  /** The field's answer there. */
  readonly value: number;
  readonly evaluations: number;
  readonly found: boolean;
  /** The ray entered the box inside the shape: the surface there is the box's own face. */
  readonly capped: boolean;
}

/**
 * Settings for one ray at a time, where exactness is worth more than evaluations: some twenty a ray instead of three.
 * @param shape of the asset
 */
export function exactMarch({ delta, stepScale, halfExtent }: { delta: number; stepScale: number; halfExtent: number }): MarchSettings {
  return { delta, stepScale, tolerance: 2e-6 * halfExtent, gap: 2e-3 * halfExtent, maxEvaluations: 1024 };
}

/**
 * One ray through one shape, as shaders/sphere-trace.wgsl has it: proven steps, lengthened and taken back where that left a gap, Illinois
 * steps once the sign has changed. Without what spares evaluations there: there is no grid to leap and foretell by, so steps are lengthened
 * by the slope along the ray (Keinert 2014, Balint 2018), and the surface is told from values alone, to the end.
 * @param origin model units
 * @param direction of unit length
 * @param end length of the ray, model units
 * @param startsOutsideBox whether the origin lies on the box's face; inside the box, a ray that starts in the solid leaves it first
 */
export function marchRay(
  field: Pick<DistanceField, 'distance'>,
  origin: Vector,
  direction: Vector,
  end: number,
  settings: MarchSettings,
  startsOutsideBox: boolean,
): RayHit {
  const { delta, stepScale, tolerance, gap } = settings;
  const hit = { distance: end, value: delta, evaluations: 0, found: false, capped: false };
  const hitAt = (distance: number, value: number) => Object.assign(hit, { distance, value, found: true });
  let s = 0;
  let leaving = false;
  // The last sample that is proven reachable; its value is -1 where there is none.
  let lowAt = 0;
  let low = -1;
  let provenRadius = 0;
  // The sample beyond the surface, and the side that the last Illinois step kept.
  let highAt = 0;
  let high = 0;
  let bracketed = false;
  let keptSide = 0;
  while (hit.evaluations < settings.maxEvaluations && s < end) {
    const value = field.distance(origin[0] + direction[0] * s, origin[1] + direction[1] * s, origin[2] + direction[2] * s);
    hit.evaluations++;
    if (Math.abs(value) < Math.abs(hit.value)) {
      hit.distance = s;
      hit.value = value;
    }
    if (leaving) {
      if (value > tolerance) {
        leaving = false;
        lowAt = s;
        low = value;
      }
      s += Math.max(stepScale * Math.min(Math.abs(value), delta), tolerance);
      continue;
    }
    if (value < 0 && !bracketed && low < 0) {
      if (s === 0 && !startsOutsideBox) {
        leaving = true;
        hit.value = delta;
        continue;
      }
      hit.capped = s === 0;
      return hitAt(s, value);
    }
    const slope = low > 0 ? (low - value) / (s - lowAt) : 0;
    if (Math.abs(value) < tolerance && (bracketed || slope > 0.25)) return hitAt(s, value);
    if (value < 0) {
      highAt = s;
      high = value;
      if (bracketed && keptSide < 0) low *= 0.5;
      keptSide = -1;
      bracketed = true;
    } else if (bracketed) {
      lowAt = s;
      low = value;
      if (keptSide > 0) high *= 0.5;
      keptSide = 1;
    }
    if (bracketed) {
      s = lowAt + ((highAt - lowAt) * low) / (low - high);
      // Rounding in the field can hold its value above so small a tolerance.
      if (highAt - lowAt < tolerance) return hitAt(s, value);
      continue;
    }
    const radius = stepScale * Math.min(value, delta);
    if (low > 0 && s - lowAt > provenRadius + radius + gap) {
      s = lowAt + provenRadius;
      low = -1;
      continue;
    }
    let stride = radius;
    if (low > 0 && low < delta) {
      const parting = (0.97 * (2 * radius + gap)) / (1 + stepScale * Math.max(slope, 0));
      stride = Math.max(radius, Math.min(value / Math.max(slope, 1e-3) + 0.5 * tolerance, parting));
    }
    lowAt = s;
    low = value;
    provenRadius = radius;
    s += Math.max(stride, 0.5 * tolerance);
  }
  return hit;
}

/** What holds a shape: [-number, number]^3, or a box between two corners. Model units. */
export type Bounds = number | { readonly min: Vector; readonly max: Vector };

/** Its middle and half of its sides along an axis. */
function boundsAlong(bounds: Bounds, axis: number): { middle: number; half: number } {
  if (typeof bounds === 'number') return { middle: 0, half: bounds };
  return { middle: (bounds.min[axis] + bounds.max[axis]) / 2, half: (bounds.max[axis] - bounds.min[axis]) / 2 };
}

/**
 * Where a line passes through a box: lengths along it, entry before exit where it does.
 * @param direction of unit length
 */
export function boxWindow(origin: Vector, direction: Vector, bounds: Bounds): { entry: number; exit: number } {
  let entry = Number.NEGATIVE_INFINITY;
  let exit = Number.POSITIVE_INFINITY;
  for (let axis = 0; axis < 3; axis++) {
    // A direction of zero is moved off it, so that no 0 / 0 arises.
    const along = Math.abs(direction[axis]) < 1e-12 ? 1e-12 : direction[axis];
    const { middle, half } = boundsAlong(bounds, axis);
    const [a, b] = [(middle - half - origin[axis]) / along, (middle + half - origin[axis]) / along];
    entry = Math.max(entry, Math.min(a, b));
    exit = Math.min(exit, Math.max(a, b));
  }
  return { entry, exit };
}

/** The unit normal at a hit: the field's gradient there, or that of the box's face which cuts the shape off. */
export function hitNormal(field: DistanceField, point: Vector, capped: boolean, bounds: Bounds = 1): [number, number, number] {
  if (capped) {
    const place = point.map((at, axis) => (at - boundsAlong(bounds, axis).middle) / boundsAlong(bounds, axis).half);
    const face = place.map(Math.abs);
    const axis = face.indexOf(Math.max(...face));
    return [0, 1, 2].map((k) => (k === axis ? Math.sign(place[k]) : 0)) as [number, number, number];
  }
  const gradient = field.gradient(...point);
  const length = Math.hypot(...gradient);
  // A gradient of exactly zero (every unit dead) has no direction: up, as in the shader.
  if (length < 1e-6) return [0, 1, 0];
  return [gradient[0] / length, gradient[1] / length, gradient[2] / length];
}
