import { type DistanceToSurface, surfaceDistances } from './point-to-surface.js';

/** Park 2019's threshold, unit-sphere units. */
const THRESHOLD = 0.01;

/**
 * Mesh completion (Park 2019, supplement D): the share of points sampled on the true mesh that the generated mesh comes near.
 * @param points [n, 3] on the true mesh
 * @param generated the generated mesh
 * @returns 0 to 1
 * @throws NeuralSdfError MESH_EMPTY when there is no point
 */
export function meshCompletion(points: Float32Array, generated: DistanceToSurface, threshold = THRESHOLD): number {
  const distances = surfaceDistances(points, generated);
  return distances.reduce((count, distance) => count + Number(distance <= threshold), 0) / distances.length;
}
