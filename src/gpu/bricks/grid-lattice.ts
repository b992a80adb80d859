import { samplesOf } from './brick-layout.js';

/**
 * A lattice with twice as many cells: what lies on the old one is kept, all else is interpolated.
 * @param distances [(cells + 1)^3]
 * @returns [(2 cells + 1)^3]
 */
export function doubleLattice(distances: Float32Array, cells: number): Float32Array<ArrayBuffer> {
  const [from, to] = [cells + 1, 2 * cells + 1];
  const doubled = new Float32Array(samplesOf(2 * cells));
  for (let z = 0, at = 0; z < to; z++) {
    for (let y = 0; y < to; y++) {
      for (let x = 0; x < to; x++, at++) {
        let sum = 0;
        // Odd places lie halfway: both neighbours; even ones are neighbours themselves, twice.
        for (let corner = 0; corner < 8; corner++) {
          const [i, j, k] = [(x + (corner & 1)) >> 1, (y + ((corner >> 1) & 1)) >> 1, (z + (corner >> 2)) >> 1];
          sum += distances[(k * from + j) * from + i];
        }
        doubled[at] = sum / 8;
      }
    }
  }
  return doubled;
}

/**
 * Nodes of the grid that a lattice of half its cells has no sample at, and that some cells need.
 * @param active numbers of grid cells
 * @returns numbers of nodes, ascending
 */
export function missingNodes(active: Uint32Array, grid: number): Uint32Array {
  const stride = grid + 1;
  const isMissing = new Uint8Array(samplesOf(grid));
  for (const cell of active) {
    const [x, y, z] = [cell % grid, Math.floor(cell / grid) % grid, Math.floor(cell / (grid * grid))];
    for (let corner = 0; corner < 8; corner++) {
      const [i, j, k] = [x + (corner & 1), y + ((corner >> 1) & 1), z + (corner >> 2)];
      if ((i | j | k) & 1) isMissing[(k * stride + j) * stride + i] = 1;
    }
  }
  const nodes: number[] = [];
  for (let node = 0; node < isMissing.length; node++) if (isMissing[node]) nodes.push(node);
  return Uint32Array.from(nodes);
}
