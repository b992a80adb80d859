import type { FloatArray } from './decoder.js';

/**
 * Encodes a query point: x, y, z, then per octave k: sin(2^k pi x, y, z), cos(2^k pi x, y, z).
 * @param out [3 + 6 octaves], from `offset` on
 */
export function encodePoint(x: number, y: number, z: number, octaves: number, out: FloatArray, offset = 0): void {
  out[offset] = x;
  out[offset + 1] = y;
  out[offset + 2] = z;
  for (let k = 0, frequency = Math.PI, at = offset + 3; k < octaves; k++, frequency *= 2, at += 6) {
    out[at] = Math.sin(frequency * x);
    out[at + 1] = Math.sin(frequency * y);
    out[at + 2] = Math.sin(frequency * z);
    out[at + 3] = Math.cos(frequency * x);
    out[at + 4] = Math.cos(frequency * y);
    out[at + 5] = Math.cos(frequency * z);
  }
}

/** Chain rule through `encodePoint`. @returns d/d(x, y, z) from `gradient`, d/d(encoded point) */
export function encodePointGradient(encoded: FloatArray, gradient: FloatArray, octaves: number): [number, number, number] {
  const result: [number, number, number] = [gradient[0], gradient[1], gradient[2]];
  for (let k = 0, frequency = Math.PI, at = 3; k < octaves; k++, frequency *= 2, at += 6) {
    for (let axis = 0; axis < 3; axis++) {
      result[axis] += frequency * (encoded[at + 3 + axis] * gradient[at + axis] - encoded[at + axis] * gradient[at + 3 + axis]);
    }
  }
  return result;
}
