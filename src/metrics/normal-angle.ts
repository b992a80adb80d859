import type { SurfaceSamples } from '../dataset/sample-surface.js';
import { PointTree } from './point-tree.js';

/**
 * Mean angle between the normals of one surface's points and those of the nearest points of another, degrees: what shading shows of a
 * difference. Two samplings of one smooth surface do not reach 0, because its normal turns between neighbours.
 * @param points [n, 3] and unit normals
 * @param others [m, 3] and unit normals
 * @returns 0 to 180
 * @throws NeuralSdfError MESH_EMPTY
 */
export function normalAngle({ points, normals }: SurfaceSamples, others: SurfaceSamples): number {
  const tree = new PointTree(others.points);
  let sum = 0;
  for (let i = 0; i < points.length; i += 3) {
    const at = 3 * tree.nearest(points[i], points[i + 1], points[i + 2]).index;
    const dot = normals[i] * others.normals[at] + normals[i + 1] * others.normals[at + 1] + normals[i + 2] * others.normals[at + 2];
    sum += Math.acos(Math.min(1, Math.max(-1, dot)));
  }
  return ((sum / (points.length / 3)) * 180) / Math.PI;
}
