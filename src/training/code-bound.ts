/**
 * Scales rows of the latent table longer than `bound` back to it, in place (`CodeBound`).
 *
 * Every engine does so for the whole table after each step. PyTorch's `max_norm` does it to the rows it looks up before the
 * forward pass: the decoder sees the same codes, but here a saved state never holds one beyond the bound.
 * @param table [shapes, codeLength]
 */
export function boundLatents(table: Float32Array | Float64Array, codeLength: number, bound: number): void {
  for (let first = 0; first < table.length; first += codeLength) {
    const row = table.subarray(first, first + codeLength);
    const norm = Math.hypot(...row);
    if (norm > bound) for (let i = 0; i < codeLength; i++) row[i] *= bound / norm;
  }
}
