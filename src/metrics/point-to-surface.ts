import type { SignedDistanceQuery } from '../dataset/signed-distance.js';
import { NeuralSdfError } from '../errors.js';

/** A surface that knows how far a point is from it: a mesh, or points on it where there is no mesh. */
export type DistanceToSurface = Pick<SignedDistanceQuery, 'unsignedDistance'>;

/**
 * Distance of each point to the nearest point of a surface: unlike Chamfer distance, 0 for points on it.
 * @param points [n, 3]
 * @returns [n] distances, 0 or more
 * @throws NeuralSdfError MESH_EMPTY when there is no point
 */
export function surfaceDistances(points: Float32Array, surface: DistanceToSurface): Float64Array {
  if (points.length === 0) throw new NeuralSdfError('MESH_EMPTY', 'surface distances need at least one point');
  return Float64Array.from({ length: points.length / 3 }, (_, i) =>
    surface.unsignedDistance(points[3 * i], points[3 * i + 1], points[3 * i + 2]),
  );
}

/** Mean distance of points to a surface, in its units. @param points [n, 3] @throws NeuralSdfError MESH_EMPTY */
export function pointToSurface(points: Float32Array, surface: DistanceToSurface): number {
  const distances = surfaceDistances(points, surface);
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}
