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

/** A lattice over the whole box, slots in its own order. */
export function latticeSamples(cells: number, halfExtent: number): SampleSource {
  const count = samplesOf(cells);
  const stride = cells + 1;
  const side = (2 * halfExtent) / cells;
  let at = 0;
  return {
    estimate: count,
    get done() {
      return at / count;
    },
    next(floats, slots, most) {
      const written = Math.min(most, count - at);
      for (let i = 0; i < written; i++, at++) {
        floats[4 * i] = (at % stride) * side - halfExtent;
        floats[4 * i + 1] = (Math.floor(at / stride) % stride) * side - halfExtent;
        floats[4 * i + 2] = Math.floor(at / (stride * stride)) * side - halfExtent;
        slots[4 * i + 3] = at;
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

/**
 * Samples of bricks, slots [bricks, (brickCells + 1)^3]. A sample on a border belongs to several; it is evaluated for one only, the same
 * that assemble.wgsl looks for: that of the cell at its upper side, or, without a brick there, one further down, x first.
 */
export function brickSamples(
  cells: Uint32Array,
  brickOfCell: Uint32Array,
  grid: number,
  brickCells: number,
  halfExtent: number,
): SampleSource {
  const perBrick = samplesOf(brickCells);
  const stride = brickCells + 1;
  const side = (2 * halfExtent) / (grid * brickCells);
  const has = (x: number, y: number, z: number) => x < grid && y < grid && z < grid && brickOfCell[(z * grid + y) * grid + x] > 0;
  /** Whether no brick further up has the sample. */
  const isFirst = (x: number, y: number, z: number, i: number, j: number, k: number): boolean => {
    const [ups, upsY, upsZ] = [i === brickCells ? 1 : 0, j === brickCells ? 1 : 0, k === brickCells ? 1 : 0];
    const [downs, downsY, downsZ] = [i === 0 ? 1 : 0, j === 0 ? 1 : 0, k === 0 ? 1 : 0];
    // In the shader's order, from the uppermost corner of all that touch the sample, until this very cell.
    for (let back = 0; back < 8; back++) {
      const [dx, dy, dz] = [ups - (back & 1), upsY - ((back >> 1) & 1), upsZ - (back >> 2)];
      if (dx === 0 && dy === 0 && dz === 0) return true;
      if (dx < -downs || dy < -downsY || dz < -downsZ) continue;
      if (x + dx >= 0 && y + dy >= 0 && z + dz >= 0 && has(x + dx, y + dy, z + dz)) return false;
    }
    return true;
  };
  /** Cell and sample of a slot, or false where the sample is another brick's. */
  const place = (slot: number, out: Float32Array, at: number): boolean => {
    const cell = cells[Math.floor(slot / perBrick)];
    const inBrick = slot % perBrick;
    const [x, y, z] = [cell % grid, Math.floor(cell / grid) % grid, Math.floor(cell / (grid * grid))];
    const [i, j, k] = [inBrick % stride, Math.floor(inBrick / stride) % stride, Math.floor(inBrick / (stride * stride))];
    const onBorder = i === 0 || j === 0 || k === 0 || i === brickCells || j === brickCells || k === brickCells;
    if (onBorder && !isFirst(x, y, z, i, j, k)) return false;
    out[at] = (x * brickCells + i) * side - halfExtent;
    out[at + 1] = (y * brickCells + j) * side - halfExtent;
    out[at + 2] = (z * brickCells + k) * side - halfExtent;
    return true;
  };
  const slotCount = cells.length * perBrick;
  let slot = 0;
  return {
    // A third more than if every sample on a border were shared: the surface's rim.
    estimate: Math.min(slotCount, Math.ceil(1.3 * cells.length * brickCells ** 3)),
    get done() {
      return slot / slotCount;
    },
    next(floats, slots, most) {
      let written = 0;
      for (; written < most && slot < slotCount; slot++) {
        if (!place(slot, floats, 4 * written)) continue;
        slots[4 * written + 3] = slot;
        written++;
      }
      return written;
    },
  };
}
