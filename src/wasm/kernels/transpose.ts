// @ts-nocheck: AssemblyScript, see layout.ts.

/** Four rows of four, `fromStride` bytes apart, to four columns, `toStride` apart. */
export function transpose4(from: usize, fromStride: usize, to: usize, toStride: usize): void {
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

/**
 * [panelCount][rows][8 samples] to [rows / width][8 panelCount samples][width].
 * @param width 4 (as the left operand of `multiply`) or 8 (as the right one); rows are read up to a multiple of it
 */
export function transposePanels(from: usize, stride: usize, panelCount: usize, rows: usize, width: usize, to: usize): void {
  const rowBytes = width * 4;
  const blockBytes = panelCount * 8 * rowBytes;
  for (let row: usize = 0; row < rows; row += width) {
    for (let panel: usize = 0; panel < panelCount; panel++) {
      const source = from + panel * stride + row * 32;
      const target = to + (row / width) * blockBytes + panel * 8 * rowBytes;
      for (let part: usize = 0; part < width; part += 4) {
        transpose4(source + part * 32, 32, target + part * 4, rowBytes);
        transpose4(source + part * 32 + 16, 32, target + part * 4 + 4 * rowBytes, rowBytes);
      }
    }
  }
}
