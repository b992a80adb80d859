import type { TriangleMesh } from '../mesh.js';
import { CASE_TABLE, CELL_EDGES } from './case-table.js';
import type { ScalarGrid } from './scalar-grid.js';

export interface MarchingCubesResult {
  readonly mesh: TriangleMesh;
  /** True when the level set left the grid and was closed along its boundary. */
  readonly closedAtBoundary: boolean;
}

/**
 * Vertices keep this share of a cell's edge away from its ends, so that no triangle collapses where a corner lies on the surface. In
 * float32 the ends of the shortest edge still differ at 1024 cells a side.
 */
const EDGE_MARGIN = 1e-3;

/**
 * Marching cubes (Lorensen and Cline 1987) at level 0. A corner at exactly 0 is outside. Corners on the grid's boundary count as just
 * outside, so that the surface is always closed.
 * @returns an oriented 2-manifold: each edge joins two triangles that pass it in opposite directions, and each vertex lies on one crossed
 * edge of the grid; model units; empty when no value is negative
 */
export function marchingCubes(grid: ScalarGrid): MarchingCubesResult {
  const { resolution, blockSize } = grid;
  const positions: number[] = [];
  const triangles: number[] = [];
  const vertexOfEdge = new Map<number, number>();
  let closedAtBoundary = false;

  const side = resolution + 1;
  const spacing = (2 * grid.halfExtent) / resolution;
  const onBoundary = (index: number) => index === 0 || index === resolution;
  const blockSide = blockSize + 1;
  const corners = new Float64Array(blockSide ** 3);
  const strides = [1, blockSide, blockSide * blockSide];
  const globalStrides = [1, side, side * side];
  const cornerOffsets = Array.from({ length: 8 }, (_, c) => (c & 1) + ((c >> 1) & 1) * strides[1] + ((c >> 2) & 1) * strides[2]);

  const vertexOn = (edge: number, i: number, j: number, k: number, low: number): number => {
    const { axis, corner } = CELL_EDGES[edge];
    const at = [i + (corner & 1), j + ((corner >> 1) & 1), k + ((corner >> 2) & 1)];
    const key = 3 * (at[0] + globalStrides[1] * at[1] + globalStrides[2] * at[2]) + axis;
    const known = vertexOfEdge.get(key);
    if (known !== undefined) return known;
    const a = corners[low + cornerOffsets[corner]];
    const b = corners[low + cornerOffsets[corner] + strides[axis]];
    at[axis] += Math.min(1 - EDGE_MARGIN, Math.max(EDGE_MARGIN, a / (a - b)));
    const vertex = positions.length / 3;
    positions.push(at[0] * spacing - grid.halfExtent, at[1] * spacing - grid.halfExtent, at[2] * spacing - grid.halfExtent);
    vertexOfEdge.set(key, vertex);
    return vertex;
  };

  for (const [i0, j0, k0] of grid.activeBlocks()) {
    const sizes = [i0, j0, k0].map((start) => Math.min(blockSize, resolution - start));
    for (let k = 0; k <= sizes[2]; k++) {
      for (let j = 0; j <= sizes[1]; j++) {
        for (let i = 0; i <= sizes[0]; i++) {
          let value = grid.value(i0 + i, j0 + j, k0 + k);
          if (value < 0 && (onBoundary(i0 + i) || onBoundary(j0 + j) || onBoundary(k0 + k))) {
            closedAtBoundary = true;
            value = 0;
          }
          corners[i + j * strides[1] + k * strides[2]] = value;
        }
      }
    }
    for (let k = 0; k < sizes[2]; k++) {
      for (let j = 0; j < sizes[1]; j++) {
        for (let i = 0; i < sizes[0]; i++) {
          const low = i + j * strides[1] + k * strides[2];
          let inside = 0;
          for (let c = 0; c < 8; c++) if (corners[low + cornerOffsets[c]] < 0) inside |= 1 << c;
          for (const edge of CASE_TABLE[inside]) triangles.push(vertexOn(edge, i0 + i, j0 + j, k0 + k, low));
        }
      }
    }
  }
  return { mesh: { positions: Float32Array.from(positions), triangles: Uint32Array.from(triangles) }, closedAtBoundary };
}
