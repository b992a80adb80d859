// Gradients by a layer's weights but the latent code's: deltas, transposed, times inputs. The rows of the batch are cut into slices
// whose sums collect.wgsl adds up: a matrix of weights alone would not keep a GPU busy.
@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<uniform> batch: Batch;
@group(0) @binding(2) var<storage, read> leftOperand: array<MatrixOperand>;
@group(0) @binding(3) var<storage, read> rightOperand: array<MatrixOperand>;
@group(0) @binding(4) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(THREADS)
fn weightGradient(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let slice = workgroup.z;
  let firstRow = min(slice * layer.rowsPerSlice, batch.chunkRows);
  let rows = min(layer.rowsPerSlice, batch.chunkRows - firstRow);
  let firstOutput = workgroup.y * TILE_ROWS;
  let firstVector = workgroup.x * TILE_VECTORS;
  multiply(thread, firstRow * layer.outputStride + firstOutput, layer.outputStride,
    firstRow * layer.inputStride + 4u * firstVector, layer.inputStride, rows);
  for (var i = 0u; i < PRODUCTS; i++) {
    let output = firstOutput + rowOf(thread, i);
    let at = (layer.partialAt + (slice * layer.outputStride + output) * layer.inputStride) / 4u + firstVector + vectorOf(thread, i);
    partials[at] = productOf(thread, i) + select(partials[at], vec4f(), batch.isFirstChunk > 0u);
  }
}
