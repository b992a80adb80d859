import type { BrickLattice } from './brick-samples.js';

/** What the values of a shape are known to say: see NeuralShapes. */
export interface Trust {
  readonly delta: number;
  readonly stepScale: number;
}

/** Of delta: values this near to it may be saturated, and prove nothing more. */
const SATURATED = 0.95;

/**
 * Cells of the grid that the surface may cross, by a lattice over the whole box. A point of the surface within `reach` of a sample keeps
 * its value below reach / stepScale. Where half a lattice cell's diagonal is more than delta can prove, a part that is smaller than
 * what is left between the samples may be missed: the price of a lattice so coarse.
 * @param distances [(cells + 1)^3] of the lattice, model units
 * @param side of a lattice cell, model units
 * @returns numbers of cells, ascending
 */
export function activeCells(distances: Float32Array, cells: number, grid: number, side: number, trust: Trust): Uint32Array {
  const bound = boundFor(0.87 * side, trust);
  const stride = cells + 1;
  const perCell = grid / cells;
  const isActive = new Uint8Array(cells ** 3);
  for (let z = 0, cell = 0; z < cells; z++) {
    for (let y = 0; y < cells; y++) {
      for (let x = 0; x < cells; x++, cell++) {
        let low = Number.POSITIVE_INFINITY;
        let high = Number.NEGATIVE_INFINITY;
        for (let corner = 0; corner < 8; corner++) {
          const value = distances[((z + (corner >> 2)) * stride + y + ((corner >> 1) & 1)) * stride + x + (corner & 1)];
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
        isActive[cell] = low < bound && high > -bound ? 1 : 0;
      }
    }
  }
  const found: number[] = [];
  for (let z = 0, cell = 0; z < grid; z++) {
    for (let y = 0; y < grid; y++) {
      for (let x = 0; x < grid; x++, cell++) {
        if (isActive[(Math.floor(z / perCell) * cells + Math.floor(y / perCell)) * cells + Math.floor(x / perCell)]) found.push(cell);
      }
    }
  }
  return Uint32Array.from(found);
}

/**
 * Those of the bricks that the surface may cross.
 * @param distances of the lattice's slots
 * @param cells [bricks] numbers of grid cells
 * @param side of a brick's cell, model units
 */
export function pruneCells(distances: Float32Array, cells: Uint32Array, lattice: BrickLattice, side: number, trust: Trust): Uint32Array {
  const bound = boundFor(0.87 * side, trust);
  const { brickCells } = lattice;
  return cells.filter((cell) => {
    const [x, y, z] = lattice.cornerOf(cell);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let k = 0; k <= brickCells; k++) {
      for (let j = 0; j <= brickCells; j++) {
        for (let i = 0; i <= brickCells; i++) {
          const distance = distances[lattice.slotOf(x + i, y + j, z + k)];
          if (distance < low) low = distance;
          if (distance > high) high = distance;
        }
      }
    }
    return low < bound && high > -bound;
  });
}

const boundFor = (reach: number, { delta, stepScale }: Trust): number => Math.min(reach / stepScale, SATURATED * delta);
