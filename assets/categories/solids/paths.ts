import { add, length, mixVectors, normalize, scale, subtract, type Vector } from './vector.js';

/** `steps` + 1 points of a curve over [0, 1]. */
export function sampleCurve(steps: number, curve: (t: number) => Vector): Vector[] {
  return Array.from({ length: steps + 1 }, (_, i) => curve(i / steps));
}

/**
 * A polyline with its corners rounded, as a tube is bent.
 * @param radius metres from a corner to where its bend begins; shortened where the sides are too short for it
 */
export function bend(corners: readonly Vector[], radius: number, steps = 6): Vector[] {
  const path: Vector[] = [corners[0]];
  for (let i = 1; i < corners.length - 1; i++) {
    const [before, corner, after] = [corners[i - 1], corners[i], corners[i + 1]];
    const reach = Math.min(radius, length(subtract(before, corner)) * 0.48, length(subtract(after, corner)) * 0.48);
    const start = add(corner, scale(normalize(subtract(before, corner)), reach));
    const end = add(corner, scale(normalize(subtract(after, corner)), reach));
    // A quadratic Bézier: its curvature is within a few per cent of an arc's at the angles of furniture.
    for (let k = 0; k <= steps; k++)
      path.push(mixVectors(mixVectors(start, corner, k / steps), mixVectors(corner, end, k / steps), k / steps));
  }
  return [...path, corners[corners.length - 1]];
}
