import { NeuralSdfError } from '../errors.js';

/**
 * Signed distances at the corners of resolution^3 cells over the cube [-halfExtent, halfExtent]^3. Corner (i, j, k), each 0 to
 * `resolution`, lies at -halfExtent + 2 halfExtent (i, j, k) / resolution.
 */
export interface ScalarGrid {
  readonly resolution: number;
  /** Half the cube's side, model units. */
  readonly halfExtent: number;
  /** Cells along a side of the blocks that `activeBlocks` names. */
  readonly blockSize: number;
  /** Lower corners of the blocks whose cells may hold surface: wherever two corners of a cell differ in sign, its block is among them. */
  activeBlocks(): Iterable<readonly [number, number, number]>;
  /** Signed distance at a corner, model units, negative inside. */
  value(i: number, j: number, k: number): number;
}

/** Every corner stored: the plain grid, and what the sparse one is held to. */
export class DenseGrid implements ScalarGrid {
  readonly blockSize = 16;

  /**
   * @param values [resolution + 1]^3, x fastest, model units
   * @throws NeuralSdfError SHAPE_MISMATCH
   */
  constructor(
    readonly resolution: number,
    readonly halfExtent: number,
    readonly values: Float32Array,
  ) {
    if (values.length !== (resolution + 1) ** 3) {
      throw new NeuralSdfError(
        'SHAPE_MISMATCH',
        `grid of ${resolution}^3 cells has ${values.length} values, needs ${(resolution + 1) ** 3}`,
      );
    }
  }

  *activeBlocks(): Iterable<readonly [number, number, number]> {
    for (let k = 0; k < this.resolution; k += this.blockSize) {
      for (let j = 0; j < this.resolution; j += this.blockSize) {
        for (let i = 0; i < this.resolution; i += this.blockSize) yield [i, j, k];
      }
    }
  }

  value(i: number, j: number, k: number): number {
    const side = this.resolution + 1;
    return this.values[i + side * (j + side * k)];
  }
}
