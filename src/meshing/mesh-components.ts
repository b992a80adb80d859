import type { TriangleMesh } from '../mesh.js';
import { tripleProduct } from '../mesh-volume.js';
import { selectVertices } from './select-vertices.js';

/** Connected components, by shared vertices. */
export function componentCount(mesh: TriangleMesh): number {
  const roots = componentOfVertex(mesh);
  return new Set(mesh.triangles.map((vertex) => roots[vertex])).size;
}

/**
 * The component that encloses the largest volume, alone: stray pieces and cavities are dropped.
 * @returns a mesh without the vertices that are no longer used
 */
export function largestComponent(mesh: TriangleMesh): TriangleMesh {
  const { positions, triangles } = mesh;
  const roots = componentOfVertex(mesh);
  const volumes = new Map<number, number>();
  for (let t = 0; t < triangles.length; t += 3) {
    const root = roots[triangles[t]];
    const volume = tripleProduct(positions, triangles[t], triangles[t + 1], triangles[t + 2]);
    volumes.set(root, (volumes.get(root) ?? 0) + volume);
  }
  let largest = -1;
  for (const [root, volume] of volumes) if (largest < 0 || volume > (volumes.get(largest) as number)) largest = root;
  return selectVertices(
    mesh,
    triangles.filter((vertex) => roots[vertex] === largest),
  );
}

/** Per vertex, one vertex that stands for its component (union by lower index, paths halved). */
function componentOfVertex({ positions, triangles }: TriangleMesh): Uint32Array {
  const parent = Uint32Array.from({ length: positions.length / 3 }, (_, vertex) => vertex);
  const find = (vertex: number): number => {
    let at = vertex;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  const join = (a: number, b: number) => {
    const [low, high] = [find(a), find(b)].sort((x, y) => x - y);
    parent[high] = low;
  };
  for (let t = 0; t < triangles.length; t += 3) {
    join(triangles[t], triangles[t + 1]);
    join(triangles[t], triangles[t + 2]);
  }
  return parent.map((_, vertex) => find(vertex));
}
