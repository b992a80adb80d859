import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';
import type { Random } from '../random.js';

export interface SurfaceSamples {
  /** [n, 3] */
  readonly points: Float32Array;
  /** [n, 3] unit normals of the triangles, outward for a well-oriented mesh */
  readonly normals: Float32Array;
}

/**
 * Points spread over a surface in proportion to area.
 * @throws NeuralSdfError MESH_EMPTY when the mesh has no area
 */
export function sampleSurface(mesh: TriangleMesh, count: number, random: Random): SurfaceSamples {
  const { positions, triangles } = mesh;
  const faceNormals = new Float32Array(triangles.length);
  const cumulative = new Float64Array(triangles.length / 3);
  let total = 0;
  for (let t = 0; t < cumulative.length; t++) {
    const [a, b, c] = [3 * triangles[3 * t], 3 * triangles[3 * t + 1], 3 * triangles[3 * t + 2]];
    const ux = positions[b] - positions[a];
    const uy = positions[b + 1] - positions[a + 1];
    const uz = positions[b + 2] - positions[a + 2];
    const vx = positions[c] - positions[a];
    const vy = positions[c + 1] - positions[a + 1];
    const vz = positions[c + 2] - positions[a + 2];
    const normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    const doubleArea = Math.hypot(normal[0], normal[1], normal[2]);
    total += doubleArea;
    cumulative[t] = total;
    if (doubleArea > 0) for (let axis = 0; axis < 3; axis++) faceNormals[3 * t + axis] = normal[axis] / doubleArea;
  }
  if (!(total > 0)) throw new NeuralSdfError('MESH_EMPTY', 'the mesh has no area to take surface points from');
  const points = new Float32Array(count * 3);
  const normals = new Float32Array(count * 3);
  for (let i = 0; i < count; i++) {
    const t = 3 * firstAbove(cumulative, random.uniform() * total);
    // The square root makes (u, v) uniform over the triangle (Osada 2002).
    const root = Math.sqrt(random.uniform());
    const v = root * random.uniform();
    const u = root - v;
    for (let axis = 0; axis < 3; axis++) {
      const a = positions[3 * triangles[t] + axis];
      const b = positions[3 * triangles[t + 1] + axis];
      const c = positions[3 * triangles[t + 2] + axis];
      points[3 * i + axis] = a + u * (b - a) + v * (c - a);
      normals[3 * i + axis] = faceNormals[t + axis];
    }
  }
  return { points, normals };
}

/** First index whose value is above `target`, by bisection. */
function firstAbove(ascending: Float64Array, target: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
