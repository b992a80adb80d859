import type { SurfaceSamples } from '../dataset/sample-surface.js';
import { PointTree } from './point-tree.js';

/**
 * Mesh cosine similarity (Park 2019, supplement D): the mean dot product of the normals of generated surface points with those of
 * the nearest true ones.
 * @param generated points [n, 3] and unit normals
 * @param truth points [m, 3] and unit normals
 * @returns `signed` -1 to 1; `absolute` 0 to 1, which forgives normals that point inward
 * @throws NeuralSdfError MESH_EMPTY
 */
export function cosineSimilarity(generated: SurfaceSamples, truth: SurfaceSamples): { signed: number; absolute: number } {
  const tree = new PointTree(truth.points);
  const { points, normals } = generated;
  let signed = 0;
  let absolute = 0;
  for (let i = 0; i < points.length; i += 3) {
    const at = 3 * tree.nearest(points[i], points[i + 1], points[i + 2]).index;
    const dot = normals[i] * truth.normals[at] + normals[i + 1] * truth.normals[at + 1] + normals[i + 2] * truth.normals[at + 2];
    signed += dot;
    absolute += Math.abs(dot);
  }
  const count = points.length / 3;
  return { signed: signed / count, absolute: absolute / count };
}
