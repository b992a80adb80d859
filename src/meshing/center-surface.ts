import type { DistanceEvaluator } from '../decoder/evaluator.js';
import type { TriangleMesh } from '../mesh.js';
import { triangleNormals } from './gradient-normals.js';

/** Query points handed to the evaluator at a time. */
const BATCH = 4096;
/**
 * Share of a cell beyond which a shift is not the loss of a curved surface, but a cut at the grid's boundary or a part
 * thinner than a cell: such a vertex stays.
 */
const FARTHEST = 0.25;

/**
 * Moves each vertex along its normal until the triangles around it lie as much outside the surface as inside.
 *
 * Marching cubes puts vertices on the surface, so that a convex part is inscribed and loses volume: a rod two cells thick
 * loses a tenth. Over a triangle the distance is a quadratic, whose mean is 3/4 of its value at the centroid plus 1/12 of
 * each corner's; shifting by that mean, weighted by area, cancels the loss to second order. Costs three evaluations a vertex.
 * @param mesh model units, closed and oriented
 * @param cell side of a grid cell, model units
 * @returns the same triangles on moved vertices
 */
export function centerSurface(evaluator: DistanceEvaluator, mesh: TriangleMesh, cell: number): TriangleMesh {
  const { positions, triangles } = mesh;
  const atVertices = evaluateAll(evaluator, positions);
  const centroids = new Float32Array(triangles.length);
  const areas = new Float32Array(triangles.length / 3);
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [3 * triangles[t], 3 * triangles[t + 1], 3 * triangles[t + 2]];
    for (let axis = 0; axis < 3; axis++) centroids[t + axis] = (positions[a + axis] + positions[b + axis] + positions[c + axis]) / 3;
    areas[t / 3] = areaOf(positions, a, b, c);
  }
  const atCentroids = evaluateAll(evaluator, centroids);
  const weights = new Float32Array(atVertices.length);
  const sums = new Float32Array(atVertices.length);
  for (let t = 0; t < triangles.length; t += 3) {
    const corners = [triangles[t], triangles[t + 1], triangles[t + 2]];
    const mean = 0.75 * atCentroids[t / 3] + corners.reduce((sum, corner) => sum + atVertices[corner], 0) / 12;
    for (const corner of corners) {
      weights[corner] += areas[t / 3];
      sums[corner] += areas[t / 3] * mean;
    }
  }
  const normals = triangleNormals(mesh);
  const moved = positions.map((value, i) => {
    const vertex = Math.floor(i / 3);
    const shift = weights[vertex] > 0 ? -sums[vertex] / weights[vertex] : 0;
    return Math.abs(shift) > FARTHEST * cell ? value : value + normals[i] * shift;
  });
  return { positions: moved, triangles };
}

function evaluateAll(evaluator: DistanceEvaluator, points: Float32Array): Float32Array {
  const distances = new Float32Array(points.length / 3);
  for (let start = 0; start < distances.length; start += BATCH) {
    const end = Math.min(distances.length, start + BATCH);
    evaluator.evaluate(points.subarray(3 * start, 3 * end), distances.subarray(start, end));
  }
  return distances;
}

function areaOf(positions: Float32Array, a: number, b: number, c: number): number {
  const [u, v] = [b, c].map((to) => [0, 1, 2].map((axis) => positions[to + axis] - positions[a + axis]));
  return Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]) / 2;
}
