import { PointTree } from './point-tree.js';

/**
 * Chamfer distance (Park 2019, supplement D): the mean squared distance to the nearest point of the other set, both ways, summed.
 * Two samplings of one surface do not reach 0: at 30,000 points the floor is about 0.086e-3 on unit-sphere shapes.
 * @param a [n, 3]
 * @param b [m, 3]
 * @returns squared units of the points
 * @throws NeuralSdfError MESH_EMPTY
 */
export function chamferDistance(a: Float32Array, b: Float32Array): number {
  return meanSquaredDistance(a, new PointTree(b)) + meanSquaredDistance(b, new PointTree(a));
}

function meanSquaredDistance(from: Float32Array, to: PointTree): number {
  let sum = 0;
  for (let i = 0; i < from.length; i += 3) sum += to.nearest(from[i], from[i + 1], from[i + 2]).squaredDistance;
  return sum / (from.length / 3);
}
