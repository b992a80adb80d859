import { type DistanceToSurface, surfaceDistances } from './point-to-surface.js';

/**
 * Mesh accuracy (Park 2019, supplement D; Seitz 2006): the distance within which `share` of the points sampled on a generated
 * mesh lie of the true one. Taken the other way round it is the 90 % completion distance.
 * @param points [n, 3] on the generated mesh
 * @param truth the true mesh, or points on it, whose spacing then adds to the result
 * @returns the smallest of the n distances d such that at least share * n are <= d
 * @throws NeuralSdfError MESH_EMPTY when there is no point
 */
export function meshAccuracy(points: Float32Array, truth: DistanceToSurface, share = 0.9): number {
  const distances = surfaceDistances(points, truth).sort();
  return distances[Math.max(0, Math.ceil(share * distances.length) - 1)];
}
