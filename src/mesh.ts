/** Indexed triangles, counter-clockwise seen from outside. */
export interface TriangleMesh {
  /** [vertices, 3] */
  readonly positions: Float32Array;
  /** [triangles, 3] */
  readonly triangles: Uint32Array;
  /** [vertices, 3], unit length, pointing outside. */
  readonly normals?: Float32Array;
}
