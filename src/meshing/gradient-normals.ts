import type { DistanceEvaluator, GradientEvaluator } from '../decoder/evaluator.js';
import type { TriangleMesh } from '../mesh.js';

/** Vertices per call of the evaluator. */
const BATCH = 1024;

/**
 * Normals of a baked mesh: the direction of the signed distance's gradient. Where it vanishes or points into the surface (kinks, thin
 * walls, the cut at the grid's boundary), the mean normal of the triangles around the vertex stands in.
 * @param evaluator asked for its own gradient where it knows it, which is to be blurred as shading blurs it (see kink-widths.ts): by central
 * differences, normals of a chair were 4 degrees off the traced ones in the mean
 * @param mesh model units
 * @param step of central differences otherwise, model units; half a cell smooths about as much as marching cubes did
 * @returns [vertices, 3], unit length, pointing outside
 */
export function gradientNormals(evaluator: DistanceEvaluator | GradientEvaluator, mesh: TriangleMesh, step: number): Float32Array {
  const { positions } = mesh;
  const normals = triangleNormals(mesh);
  const count = positions.length / 3;
  for (let start = 0; start < count; start += BATCH) {
    const size = Math.min(BATCH, count - start);
    const points = positions.subarray(3 * start, 3 * (start + size));
    const gradients = new Float32Array(3 * size);
    if ('evaluateGradient' in evaluator) evaluator.evaluateGradient(points, new Float32Array(size), gradients);
    else centralDifferences(evaluator, points, step, gradients);
    for (let i = 0; i < size; i++) {
      const gradient = [0, 1, 2].map((axis) => gradients[3 * i + axis]);
      const length = Math.hypot(...gradient);
      const at = 3 * (start + i);
      const alignment = gradient[0] * normals[at] + gradient[1] * normals[at + 1] + gradient[2] * normals[at + 2];
      if (alignment > 0 && Number.isFinite(length)) for (let axis = 0; axis < 3; axis++) normals[at + axis] = gradient[axis] / length;
    }
  }
  return normals;
}

/** Six query points a vertex. @param out [n, 3], the gradient times 2 step */
function centralDifferences(evaluator: DistanceEvaluator, points: Float32Array, step: number, out: Float32Array): void {
  const count = points.length / 3;
  const sides = new Float32Array(18 * count);
  for (let i = 0; i < count; i++) {
    for (let side = 0; side < 6; side++) {
      sides.set(points.subarray(3 * i, 3 * i + 3), 18 * i + 3 * side);
      sides[18 * i + 3 * side + (side >> 1)] += side & 1 ? -step : step;
    }
  }
  const distances = new Float32Array(6 * count);
  evaluator.evaluate(sides, distances);
  for (let i = 0; i < out.length; i++) out[i] = distances[2 * i] - distances[2 * i + 1];
}

/**
 * Mean of the normals of the triangles around each vertex, weighted by area.
 * @returns [vertices, 3], unit length; (0, 0, 1) at a vertex without area around it
 */
export function triangleNormals({ positions, triangles }: TriangleMesh): Float32Array {
  const sums = new Float64Array(positions.length);
  for (let t = 0; t < triangles.length; t += 3) {
    const corners = [3 * triangles[t], 3 * triangles[t + 1], 3 * triangles[t + 2]];
    const [u, v] = [corners[1], corners[2]].map((to) => [0, 1, 2].map((axis) => positions[to + axis] - positions[corners[0] + axis]));
    const normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    for (const corner of corners) for (let axis = 0; axis < 3; axis++) sums[corner + axis] += normal[axis];
  }
  const normals = new Float32Array(positions.length);
  for (let at = 0; at < sums.length; at += 3) {
    const length = Math.hypot(sums[at], sums[at + 1], sums[at + 2]);
    normals.set(length > 0 ? [sums[at] / length, sums[at + 1] / length, sums[at + 2] / length] : [0, 0, 1], at);
  }
  return normals;
}
