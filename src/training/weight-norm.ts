import type { FloatArray } from '../decoder/decoder.js';

/**
 * Weight normalisation backwards: from dL/dw to dL/dv and dL/dg, with w = g v / |v| per row (Salimans and Kingma 2016, eq. 3).
 * A row with |v| = 0 gets no gradient, as it has no direction.
 * @param v [rows, columns]
 * @param g [rows]
 * @param weightGradient [rows, columns], dL/dw
 * @returns v: [rows, columns], g: [rows]
 */
export function weightNormGradient(
  v: FloatArray,
  g: FloatArray,
  weightGradient: FloatArray,
  columns: number,
): { v: Float64Array; g: Float64Array } {
  const gradient = { v: new Float64Array(v.length), g: new Float64Array(g.length) };
  for (let row = 0; row < g.length; row++) {
    const first = row * columns;
    let square = 0;
    let along = 0;
    for (let i = first; i < first + columns; i++) {
      square += v[i] * v[i];
      along += v[i] * weightGradient[i];
    }
    if (square === 0) continue;
    const norm = Math.sqrt(square);
    gradient.g[row] = along / norm;
    for (let i = first; i < first + columns; i++) gradient.v[i] = (g[row] / norm) * (weightGradient[i] - (v[i] * along) / square);
  }
  return gradient;
}
