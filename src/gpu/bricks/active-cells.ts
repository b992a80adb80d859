import type { BrickLattice } from './brick-samples.js';

/** What the values of a shape are known to say: see NeuralShapes. */
export interface Trust {
  readonly delta: number;
  readonly stepScale: number;
}

/** Of delta: values this near to it may be saturated, and prove nothing more. */
const SATURATED = 0.95;
/** Places along a cell where a surface without a sign change at the corners is looked for. */
const PLACES = 5;

/** [PLACES^3][8]: from each place in a cell of side 1 to each corner. */
const TO_CORNERS = Float64Array.from({ length: PLACES ** 3 * 8 }, (_, i) => {
  const [place, corner] = [i >> 3, i & 7];
  const along = [place % PLACES, Math.floor(place / PLACES) % PLACES, Math.floor(place / PLACES ** 2)];
  return Math.hypot(...along.map((at, axis) => at / (PLACES - 1) - ((corner >> axis) & 1)));
});

const corners = new Float64Array(8);

/**
 * Whether the surface may cross a cell: its corners' signs differ, or there is a place in it that is as far from each corner as its value says
 * at least. Of the cells that are left at 32 along the box, half to three quarters are crossed; by the smallest corner alone, a third to half.
 * Where all corners are saturated, a part that is smaller than the cell may be missed: the price of a lattice so coarse.
 * @param values [8] signed distance at the corners, x first, model units
 * @param side model units
 */
export function mayCross(values: Float64Array, side: number, { delta, stepScale }: Trust): boolean {
  const saturated = SATURATED * delta;
  const isInside = values[0] < 0;
  let low = Number.POSITIVE_INFINITY;
  for (const value of values) {
    if (value < 0 !== isInside) return true;
    low = Math.min(low, Math.abs(value));
  }
  if (low >= saturated) return false;
  const scale = stepScale / side;
  for (let place = 0; place < TO_CORNERS.length; place += 8) {
    let corner = 0;
    while (corner < 8 && Math.min(Math.abs(values[corner]), saturated) * scale <= TO_CORNERS[place + corner]) corner++;
    if (corner === 8) return true;
  }
  return false;
}

/**
 * Cells of the grid that the surface may cross, by a lattice over the whole box.
 * @param distances [(cells + 1)^3] of the lattice, model units
 * @param cells along the lattice, a divisor of the grid's
 * @param side of a lattice cell, model units
 * @returns numbers of cells, ascending
 */
export function activeCells(distances: Float32Array, cells: number, grid: number, side: number, trust: Trust): Uint32Array {
  const stride = cells + 1;
  const perCell = grid / cells;
  const isActive = new Uint8Array(cells ** 3);
  for (let z = 0, cell = 0; z < cells; z++) {
    for (let y = 0; y < cells; y++) {
      for (let x = 0; x < cells; x++, cell++) {
        for (let corner = 0; corner < 8; corner++) {
          corners[corner] = distances[((z + (corner >> 2)) * stride + y + ((corner >> 1) & 1)) * stride + x + (corner & 1)];
        }
        isActive[cell] = Number(mayCross(corners, side, trust));
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
 * Those of some bricks that the surface may cross.
 * @param distances of the lattice's slots
 * @param gridDistances [(grid + 1)^3] at the corners of the grid's cells
 * @param cells numbers of grid cells, of bricks of the lattice
 * @param side of a brick's cell, model units
 */
export function pruneCells(
  distances: Float32Array,
  gridDistances: Float32Array,
  cells: Uint32Array,
  lattice: BrickLattice,
  side: number,
  trust: Trust,
): Uint32Array {
  const { brickCells } = lattice;
  return cells.filter((cell) => {
    const [x, y, z] = lattice.cornerOf(cell);
    for (let k = z; k < z + brickCells; k++) {
      for (let j = y; j < y + brickCells; j++) {
        for (let i = x; i < x + brickCells; i++) {
          for (let corner = 0; corner < 8; corner++) {
            const at = [i + (corner & 1), j + ((corner >> 1) & 1), k + (corner >> 2)] as const;
            const node = lattice.gridNodeOf(...at);
            corners[corner] = node < 0 ? distances[lattice.slotOf(...at)] : gridDistances[node];
          }
          if (mayCross(corners, side, trust)) return true;
        }
      }
    }
    return false;
  });
}
