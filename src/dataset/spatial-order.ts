/** Cells along each axis of the cube [-1, 1]^3. */
const CELLS = 2 ** 10;

/** No more rows than this fit beside a cell's number into a float64 without loss. */
export const MAX_ORDERED_ROWS = 2 ** 22;

/**
 * Rows in the order of a space-filling curve (Morton 1966): neighbours come one after the other, and what a query touches is in the
 * cache when the next one comes. Measured for DeepSDF's mix: 1.5 us in place of 2.5 for a signed distance, 17 in place of 36 for 11
 * nearest points of 2 million.
 * @param rows [n, stride], of which the first three columns are the point; n <= MAX_ORDERED_ROWS
 * @returns [n] row numbers
 */
export function spatialOrder(rows: Float32Array, stride: number): Uint32Array {
  const keys = new Float64Array(rows.length / stride);
  for (let i = 0; i < keys.length; i++) {
    const at = stride * i;
    const cell = (spread(rows[at]) | (spread(rows[at + 1]) << 1) | (spread(rows[at + 2]) << 2)) >>> 0;
    keys[i] = cell * MAX_ORDERED_ROWS + i;
  }
  keys.sort();
  return Uint32Array.from(keys, (key) => key % MAX_ORDERED_ROWS);
}

/** Ten bits of a coordinate, two zeros between each and the next. */
function spread(coordinate: number): number {
  let bits = Math.max(0, Math.min(CELLS - 1, Math.floor(((coordinate + 1) * CELLS) / 2)));
  bits = (bits | (bits << 16)) & 0x030000ff;
  bits = (bits | (bits << 8)) & 0x0300f00f;
  bits = (bits | (bits << 4)) & 0x030c30c3;
  return (bits | (bits << 2)) & 0x09249249;
}
