/** Signed distance samples of one shape, DeepSDF's layout: rows of x, y, z, signed distance in model units. */
export interface ShapeSamples {
  readonly name: string;
  /** [n, 4], distances > 0 (outside) */
  readonly positive: Float32Array;
  /** [m, 4], distances < 0 (inside) */
  readonly negative: Float32Array;
}
