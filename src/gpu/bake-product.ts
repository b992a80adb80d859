import type { FoldedLayer } from '../decoder/folding.js';
import { floatLiteral } from './wgsl-literal.js';

/** vec4 values that hold a number of rows. */
export const vectors = (rows: number): number => Math.ceil(rows / 4);

/** The indices of a layer's row vectors. */
export const rowVectors = (layer: FoldedLayer): number[] => [...Array(vectors(layer.outputs)).keys()];

/** The last layer: one row, kept as a scalar. */
export const isOutput = (layer: FoldedLayer): boolean => layer.activation === 'linear';

/** Four of a layer's values as a literal, 0 past the end. */
export function vectorLiteral(values: ArrayLike<number>, vector: number): string {
  return `vec4f(${[0, 1, 2, 3].map((i) => floatLiteral(values[4 * vector + i] ?? 0)).join(', ')})`;
}

/** A 4x4 block of a layer's weights; rows and columns past the edge are zero. */
interface Block {
  readonly row: number;
  readonly column: number;
}

/**
 * `mat4x4f(block) * vector`, transposed for the backward pass; '' where the whole block is zero. The output layer, of one row, is a dot
 * product: a matrix with three rows of zeros would cost four times as much.
 */
export function product(layer: FoldedLayer, block: Block, vector: string, part: 'hidden' | 'point', transposed = false): string {
  const columns = part === 'hidden' ? layer.hidden : layer.point;
  const offset = part === 'hidden' ? 0 : layer.hidden;
  const width = layer.hidden + layer.point;
  const at = (row: number, column: number) => (row < layer.outputs && column < columns ? layer.weight[row * width + offset + column] : 0);
  if (isOutput(layer)) {
    const row = `vec4f(${[0, 1, 2, 3].map((c) => floatLiteral(at(0, 4 * block.column + c))).join(',')})`;
    return transposed ? `${row} * ${vector}` : `dot(${row}, ${vector})`;
  }
  // WGSL's matrices list columns: entry [c][r] multiplies component c into component r.
  const entries: number[] = [];
  for (let c = 0; c < 4; c++) {
    for (let r = 0; r < 4; r++) {
      entries.push(transposed ? at(4 * block.row + c, 4 * block.column + r) : at(4 * block.row + r, 4 * block.column + c));
    }
  }
  return entries.every((value) => value === 0) ? '' : `mat4x4f(${entries.map(floatLiteral).join(',')}) * ${vector}`;
}
