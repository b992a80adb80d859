/*
 * The eikonal term (Gropp 2020, eq. 2): a signed distance has a gradient of length 1. The gradient is taken by finite differences on a
 * tetrahedron around a point, so that training needs first derivatives only, and a step wide enough sees across a ReLU decoder's facets
 * (as Li 2023, section 3.2, found for its numerical gradients).
 */

/** Corners of the tetrahedron: rows sum to zero, and the sum of k k^T is 4 I. */
export const STENCIL: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [1, -1, -1],
  [-1, 1, -1],
  [-1, -1, 1],
];

/**
 * Writes a stencil's four points.
 * @param step model units
 * @param out [4, 3], from `offset` on
 */
export function placeStencil(x: number, y: number, z: number, step: number, out: Float32Array, offset: number): void {
  for (const [corner, k] of STENCIL.entries()) {
    out[offset + 3 * corner] = x + step * k[0];
    out[offset + 3 * corner + 1] = y + step * k[1];
    out[offset + 3 * corner + 2] = z + step * k[2];
  }
}

/**
 * (|gradient| - 1)^2 of one stencil, with its derivatives by the four distances.
 * @param distances [4], in the order of STENCIL
 * @param step model units
 */
export function eikonalLoss(distances: readonly number[], step: number): { loss: number; derivatives: number[] } {
  const gradient = [0, 1, 2].map((axis) => STENCIL.reduce((sum, k, i) => sum + k[axis] * distances[i], 0) / (4 * step));
  const length = Math.hypot(...gradient);
  // A gradient of length 0 has no direction to grow in.
  const factor = length > 0 ? (2 * (length - 1)) / length / (4 * step) : 0;
  return {
    loss: (length - 1) ** 2,
    derivatives: STENCIL.map((k) => factor * (k[0] * gradient[0] + k[1] * gradient[1] + k[2] * gradient[2])),
  };
}
