import type { TriangleMesh } from '../mesh.js';
import { forEachEdge } from './mesh-edges.js';

/**
 * Normals whose sign tells inside from outside at any closest point of a closed mesh: the triangle's own on its face, the
 * mean of two on an edge, the angle-weighted sum at a vertex (Baerentzen and Aanaes 2005).
 */
export interface Pseudonormals {
  /** [triangles, 3] unit length */
  readonly faces: Float64Array;
  /** [triangles, 3 edges, 3] direction only */
  readonly edges: Float64Array;
  /** [vertices, 3] direction only */
  readonly vertices: Float64Array;
}

export function computePseudonormals(mesh: TriangleMesh): Pseudonormals {
  const { positions, triangles } = mesh;
  const faces = new Float64Array(triangles.length);
  const edges = new Float64Array(triangles.length * 3);
  const vertices = new Float64Array(positions.length);
  const side = (from: number, to: number) => [0, 1, 2].map((axis) => positions[3 * to + axis] - positions[3 * from + axis]);
  for (let t = 0; t < triangles.length; t += 3) {
    const corners = [triangles[t], triangles[t + 1], triangles[t + 2]];
    const u = side(corners[0], corners[1]);
    const v = side(corners[0], corners[2]);
    const normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    const length = Math.hypot(...normal);
    if (length === 0) continue;
    for (let axis = 0; axis < 3; axis++) faces[t + axis] = normal[axis] / length;
    for (let i = 0; i < 3; i++) {
      const next = side(corners[i], corners[(i + 1) % 3]);
      const previous = side(corners[i], corners[(i + 2) % 3]);
      const cosine = next[0] * previous[0] + next[1] * previous[1] + next[2] * previous[2];
      // length is twice the area: |u x v| at every corner.
      const angle = Math.atan2(length, cosine);
      for (let axis = 0; axis < 3; axis++) vertices[3 * corners[i] + axis] += angle * faces[t + axis];
    }
  }
  forEachEdge(mesh, (halfEdges) => {
    for (let axis = 0; axis < 3; axis++) {
      let sum = 0;
      for (const half of halfEdges) sum += faces[half - (half % 3) + axis];
      for (const half of halfEdges) edges[3 * half + axis] = sum;
    }
  });
  return { faces, edges, vertices };
}
