import type { TriangleMesh } from '../mesh.js';
import { forEachEdge } from './mesh-edges.js';

/** What a mesh is worth as the border of a solid. */
export interface MeshReport {
  readonly vertices: number;
  readonly triangles: number;
  /** Triangles without area: a corner used twice, or corners on one line. */
  readonly degenerateTriangles: number;
  readonly components: number;
  readonly edges: number;
  /** Edges of one triangle only. */
  readonly boundaryEdges: number;
  /** Edges of more than two. */
  readonly nonManifoldEdges: number;
  /** Edges of two triangles that run the same way round: one of the two is turned inside out. */
  readonly inconsistentEdges: number;
  /** Every edge joins two triangles of the same orientation. */
  readonly watertight: boolean;
  /** Share of edges that are open, 0 to 1. */
  readonly openShare: number;
}

/** A triangle counts as degenerate below this sine of its angles, which float32 corners cannot resolve. */
const DEGENERATE_SINE = 1e-6;

/** Counts what is wrong with a mesh. Topology is by vertex index: weld first where a format splits vertices. */
export function inspectMesh(mesh: TriangleMesh): MeshReport {
  const { positions, triangles } = mesh;
  const parents = Uint32Array.from({ length: triangles.length / 3 }, (_, i) => i);
  const root = (of: number): number => {
    let at = of;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  };
  let edges = 0;
  let boundaryEdges = 0;
  let nonManifoldEdges = 0;
  let inconsistentEdges = 0;
  forEachEdge(mesh, (halfEdges) => {
    edges++;
    if (halfEdges.length === 1) boundaryEdges++;
    else if (halfEdges.length > 2) nonManifoldEdges++;
    else if (triangles[halfEdges[0]] === triangles[halfEdges[1]]) inconsistentEdges++;
    for (let i = 1; i < halfEdges.length; i++) parents[root(Math.floor(halfEdges[i] / 3))] = root(Math.floor(halfEdges[0] / 3));
  });
  return {
    vertices: positions.length / 3,
    triangles: triangles.length / 3,
    degenerateTriangles: parents.reduce((count, _, t) => count + Number(isDegenerate(mesh, t)), 0),
    components: parents.reduce((count, parent, t) => count + Number(parent === t), 0),
    edges,
    boundaryEdges,
    nonManifoldEdges,
    inconsistentEdges,
    watertight: edges > 0 && boundaryEdges + nonManifoldEdges + inconsistentEdges === 0,
    openShare: edges > 0 ? boundaryEdges / edges : 0,
  };
}

/** Drops triangles without area, and vertices that no triangle uses. */
export function cleanMesh(mesh: TriangleMesh): { mesh: TriangleMesh; droppedTriangles: number } {
  const kept: number[] = [];
  for (let t = 0; t < mesh.triangles.length / 3; t++) if (!isDegenerate(mesh, t)) kept.push(t);
  const renumbered = new Int32Array(mesh.positions.length / 3).fill(-1);
  const positions: number[] = [];
  const triangles = new Uint32Array(kept.length * 3);
  for (let i = 0; i < triangles.length; i++) {
    const vertex = mesh.triangles[3 * kept[Math.floor(i / 3)] + (i % 3)];
    if (renumbered[vertex] < 0) {
      renumbered[vertex] = positions.length / 3;
      positions.push(mesh.positions[3 * vertex], mesh.positions[3 * vertex + 1], mesh.positions[3 * vertex + 2]);
    }
    triangles[i] = renumbered[vertex];
  }
  return { mesh: { positions: Float32Array.from(positions), triangles }, droppedTriangles: mesh.triangles.length / 3 - kept.length };
}

function isDegenerate({ positions, triangles }: TriangleMesh, triangle: number): boolean {
  const a = 3 * triangles[3 * triangle];
  const b = 3 * triangles[3 * triangle + 1];
  const c = 3 * triangles[3 * triangle + 2];
  const ux = positions[b] - positions[a];
  const uy = positions[b + 1] - positions[a + 1];
  const uz = positions[b + 2] - positions[a + 2];
  const vx = positions[c] - positions[a];
  const vy = positions[c + 1] - positions[a + 1];
  const vz = positions[c + 2] - positions[a + 2];
  const cross = Math.hypot(uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx);
  const longest = Math.max(Math.hypot(ux, uy, uz), Math.hypot(vx, vy, vz), Math.hypot(ux - vx, uy - vy, uz - vz));
  return !(cross > DEGENERATE_SINE * longest * longest);
}
