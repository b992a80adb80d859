import sampleText from '../../../shaders/bricks/sample.wgsl';
import type { BakedDecoder } from '../bake-decoder.js';

/**
 * A table of lattices, as sample.wgsl reads it; all entries vec4f:
 *   1: cells along the coarse lattice, cells along a brick, 0, 0
 *   grid^3 / 4: per cell of the grid, four an entry, 1 + the number of its brick, or 0 where it has none
 *   (grid + 1)^3: samples of the coarse lattice, which is over the whole box and may have fewer cells
 *   bricks * (brickCells + 1)^3: samples of the bricks
 * A sample is its gradient and its distance, in model units; x runs fastest.
 */
export function bakeBricks(): BakedDecoder {
  return { wgsl: sampleText, biasVectors: 1 };
}

/** Cells along the grid must be a multiple of this: whole entries of the index, and a coarse lattice of a half. */
export const GRID_MULTIPLE = 2;

/** Samples of a lattice. */
export const samplesOf = (cells: number): number => (cells + 1) ** 3;

/** Bytes of a table. */
export function brickTableBytes(grid: number, bricks: number, brickCells: number): number {
  return 16 * (1 + grid ** 3 / 4 + samplesOf(grid) + bricks * samplesOf(brickCells));
}

/**
 * Head and index of a table, which precede its samples.
 * @param brickOfCell [grid^3] 1 + number of the cell's brick, or 0
 * @returns [4 + grid^3]
 */
export function packBrickIndex(brickOfCell: Uint32Array, coarseCells: number, brickCells: number): Float32Array<ArrayBuffer> {
  const packed = new Float32Array(4 + brickOfCell.length);
  packed[0] = coarseCells;
  packed[1] = brickCells;
  packed.set(brickOfCell, 4);
  return packed;
}
