import type { TriangleMesh } from '../mesh.js';

/**
 * A mesh of some of another's triangles, without the vertices that they do not use.
 * @param triangles [triangles, 3] indices into `mesh`
 */
export function selectVertices({ positions, normals }: TriangleMesh, triangles: Uint32Array): TriangleMesh {
  const renumbered = new Map<number, number>();
  const kept = triangles.map((vertex) => {
    const number = renumbered.get(vertex) ?? renumbered.size;
    renumbered.set(vertex, number);
    return number;
  });
  const gather = (rows: Float32Array) => {
    const gathered = new Float32Array(3 * renumbered.size);
    for (const [from, to] of renumbered) gathered.set(rows.subarray(3 * from, 3 * from + 3), 3 * to);
    return gathered;
  };
  return { positions: gather(positions), triangles: kept, ...(normals && { normals: gather(normals) }) };
}
