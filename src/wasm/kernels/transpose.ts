// @ts-nocheck: AssemblyScript, see layout.ts.
import { BLOCK_ROWS } from './multiply';

/** Four rows of four, `fromStride` bytes apart, to four columns, `toStride` apart. */
function transpose4(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + fromStride);
  const c = v128.load(from + 2 * fromStride);
  const d = v128.load(from + 3 * fromStride);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to + toStride, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  v128.store(to + 2 * toStride, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
  v128.store(to + 3 * toStride, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
}

/** Five rows of four, `fromStride` bytes apart, to [4][5], the left operand of `multiply`. */
export function transposeBlock(from: usize, fromStride: usize, to: usize): void {
  transpose4(from, fromStride, to, 20);
  const last = v128.load(from + 4 * fromStride);
  v128.store_lane<f32>(to, last, 0, 16);
  v128.store_lane<f32>(to, last, 1, 36);
  v128.store_lane<f32>(to, last, 2, 56);
  v128.store_lane<f32>(to, last, 3, 76);
}

/** [panelCount][rows][8 samples] to [rows / 5][8 panelCount samples][5]; rows are read up to a multiple of 5. */
export function transposeToBlocks(from: usize, stride: usize, panelCount: usize, rows: usize, to: usize): void {
  for (let row: usize = 0; row < rows; row += BLOCK_ROWS) {
    for (let panel: usize = 0; panel < panelCount; panel++) {
      const source = from + panel * stride + row * 32;
      transposeBlock(source, 32, to);
      transposeBlock(source + 16, 32, to + 80);
      to += 160;
    }
  }
}

/** [panelCount][rows][8 samples] to [rows / 8][8 panelCount samples][8], the right operand; rows are read up to a multiple of 8. */
export function transposeToPanels(from: usize, stride: usize, panelCount: usize, rows: usize, to: usize): void {
  for (let row: usize = 0; row < rows; row += 8) {
    for (let panel: usize = 0; panel < panelCount; panel++) {
      const source = from + panel * stride + row * 32;
      for (let half: usize = 0; half < 2; half++) {
        transpose4(source + half * 16, 32, to + half * 128, 32);
        transpose4(source + half * 16 + 128, 32, to + half * 128 + 16, 32);
      }
      to += 256;
    }
  }
}
