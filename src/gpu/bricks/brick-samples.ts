import { samplesOf } from './brick-layout.js';

/** Where samples lie and where their distances go; a few at a time, so that no list of all of them is ever made. */
export interface SampleSource {
  /** About how many there are in all. */
  readonly estimate: number;
  /** Share of them that was written, 0 to 1. */
  readonly done: number;
  /**
   * Writes the next samples: x, y, z, model units, and their slot.
   * @param floats [4 * most], sharing memory with `slots`
   * @returns how many; 0 at the end
   */
  next(floats: Float32Array, slots: Uint32Array, most: number): number;
}

/**
 * Nodes of a lattice over the whole box, x fastest.
 * @param nodes numbers of those that are wanted, ascending; default all. Slots are in their order
 */
export function latticeSamples(cells: number, halfExtent: number, nodes?: Uint32Array): SampleSource {
  const stride = cells + 1;
  const side = (2 * halfExtent) / cells;
  return samplesInOrder(nodes?.length ?? samplesOf(cells), (slot, floats, at) => {
    const node = nodes ? nodes[slot] : slot;
    floats[at] = (node % stride) * side - halfExtent;
    floats[at + 1] = (Math.floor(node / stride) % stride) * side - halfExtent;
    floats[at + 2] = Math.floor(node / (stride * stride)) * side - halfExtent;
  });
}

/** A list of points, each in the slot of its number. @param points [n, 3] model units */
export function listedSamples(points: Float32Array): SampleSource {
  return samplesInOrder(points.length / 3, (slot, floats, at) => {
    for (let axis = 0; axis < 3; axis++) floats[at + axis] = points[3 * slot + axis];
  });
}

/** Samples whose slots are their numbers. @param place writes a sample's point from `at` on */
function samplesInOrder(count: number, place: (slot: number, floats: Float32Array, at: number) => void): SampleSource {
  let slot = 0;
  return {
    estimate: count,
    get done() {
      return count === 0 ? 1 : slot / count;
    },
    next(floats, slots, most) {
      const written = Math.min(most, count - slot);
      for (let i = 0; i < written; i++, slot++) {
        place(slot, floats, 4 * i);
        slots[4 * i + 3] = slot;
      }
      return written;
    },
  };
}

/** Per grid cell, 1 + the number of its brick, or 0. @param cells [bricks] numbers of grid cells @returns [grid^3] */
export function bricksOfCells(cells: Uint32Array, grid: number): Uint32Array {
  const brickOfCell = new Uint32Array(grid ** 3);
  cells.forEach((cell, brick) => {
    brickOfCell[cell] = brick + 1;
  });
  return brickOfCell;
}

/** The lattice that bricks are cut out of, with a sample for each corner of each of their cells. */
export class BrickLattice {
  private readonly _perBrick: number;

  /** @param brickOfCell [grid^3], from bricksOfCells */
  constructor(
    private readonly _brickOfCell: Uint32Array,
    readonly grid: number,
    readonly brickCells: number,
  ) {
    this._perBrick = samplesOf(brickCells);
  }

  /** Place in the lattice of a grid cell's lower corner. */
  cornerOf(cell: number): [number, number, number] {
    const { grid, brickCells } = this;
    return [(cell % grid) * brickCells, (Math.floor(cell / grid) % grid) * brickCells, Math.floor(cell / (grid * grid)) * brickCells];
  }

  /** Number of the grid's node that a sample lies on, where its distance is known from the lattice over the box; else -1. */
  gridNodeOf(x: number, y: number, z: number): number {
    const { grid, brickCells: n } = this;
    if (x % n || y % n || z % n) return -1;
    return ((z / n) * (grid + 1) + y / n) * (grid + 1) + x / n;
  }

  /**
   * Slot of a sample, [bricks, (brickCells + 1)^3]. One on a border belongs to several bricks and has its slot in one of them, as
   * assemble.wgsl looks for it: that of the cell at its upper side, or, without a brick there, one further down, x first.
   * @returns -1 where there is no brick
   */
  slotOf(x: number, y: number, z: number): number {
    const { grid, brickCells: n } = this;
    const [cellX, cellY, cellZ] = [Math.floor(x / n), Math.floor(y / n), Math.floor(z / n)];
    const border = (x % n === 0 ? 1 : 0) | (y % n === 0 ? 2 : 0) | (z % n === 0 ? 4 : 0);
    for (let back = 0; back < 8; back++) {
      if (back & ~border) continue;
      const [i, j, k] = [cellX - (back & 1), cellY - ((back >> 1) & 1), cellZ - (back >> 2)];
      if (i < 0 || j < 0 || k < 0 || i >= grid || j >= grid || k >= grid) continue;
      const brick = this._brickOfCell[(k * grid + j) * grid + i];
      if (brick > 0) return (brick - 1) * this._perBrick + ((z - k * n) * (n + 1) + y - j * n) * (n + 1) + x - i * n;
    }
    return -1;
  }
}

/** Samples of bricks, each in its slot, but for those on the grid's nodes. @param cells [bricks] numbers of grid cells */
export function brickSamples(cells: Uint32Array, lattice: BrickLattice, halfExtent: number): SampleSource {
  const { grid, brickCells } = lattice;
  const perBrick = samplesOf(brickCells);
  const stride = brickCells + 1;
  const side = (2 * halfExtent) / (grid * brickCells);
  const slotCount = cells.length * perBrick;
  let slot = 0;
  return {
    // A third more than if every sample on a border were shared: the surface's rim.
    estimate: Math.min(slotCount, Math.ceil(1.3 * cells.length * (brickCells ** 3 - 1))),
    get done() {
      return slot / slotCount;
    },
    next(floats, slots, most) {
      let written = 0;
      for (; written < most && slot < slotCount; slot++) {
        const [cornerX, cornerY, cornerZ] = lattice.cornerOf(cells[Math.floor(slot / perBrick)]);
        const inBrick = slot % perBrick;
        const x = cornerX + (inBrick % stride);
        const y = cornerY + (Math.floor(inBrick / stride) % stride);
        const z = cornerZ + Math.floor(inBrick / (stride * stride));
        if (lattice.gridNodeOf(x, y, z) >= 0 || lattice.slotOf(x, y, z) !== slot) continue;
        floats[4 * written] = x * side - halfExtent;
        floats[4 * written + 1] = y * side - halfExtent;
        floats[4 * written + 2] = z * side - halfExtent;
        slots[4 * written + 3] = slot;
        written++;
      }
      return written;
    },
  };
}
