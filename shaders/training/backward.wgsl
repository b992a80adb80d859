// From the gradients by a layer's sums to those by the sums of the layer before: times the weights, times the slope of what lies between.
// Their column sums, a tile each, are the gradients by biases and, through them, by latent codes.
@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<uniform> before: Layer;
@group(0) @binding(2) var<uniform> run: Run;
@group(0) @binding(3) var<storage, read> leftOperand: array<MatrixOperand>;
@group(0) @binding(4) var<storage, read> rightOperand: array<MatrixOperand>;
// The layer's inputs where they show ReLU's slope, else the slopes.
@group(0) @binding(5) var<storage, read> gates: array<Operand4>;
@group(0) @binding(6) var<storage, read_write> deltas: array<Operand4>;
@group(0) @binding(7) var<storage, read_write> tileSums: array<f32>;

var<workgroup> columnSums: array<vec4f, ROWS_OF_THREADS * TILE_VECTORS>;

@compute @workgroup_size(THREADS)
fn backward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let tile = workgroup.y;
  let firstVector = workgroup.x * TILE_VECTORS;
  multiply(thread, tile * TILE_ROWS * layer.outputStride, layer.outputStride,
    layer.weightAt + 4u * firstVector, layer.inputStride, layer.outputs);
  // Products come row by row, then the thread's next column of vectors.
  var sum = vec4f();
  for (var i = 0u; i < PRODUCTS; i++) {
    let vector = vectorOf(thread, i);
    sum += finish(tile * TILE_ROWS + rowOf(thread, i), firstVector + vector, productOf(thread, i));
    if (i % THREAD_ROWS == THREAD_ROWS - 1u) {
      columnSums[thread / COLUMNS_OF_THREADS * TILE_VECTORS + vector] = sum;
      sum = vec4f();
    }
  }
  workgroupBarrier();
  // With layer norm they come later, from layer-norm-backward.wgsl.
  if (before.normalization == LAYER_NORM) { return; }
  for (var column = thread; column < 4u * TILE_VECTORS; column += THREADS) {
    let unit = 4u * firstVector + column;
    if (unit >= before.outputs) { continue; }
    var total = 0.;
    for (var i = 0u; i < ROWS_OF_THREADS; i++) { total += columnSums[i * TILE_VECTORS + column / 4u][column % 4u]; }
    tileSums[tile * run.sumStride + before.rowAt + unit] = total;
  }
}

fn finish(row: u32, vector: u32, product: vec4f) -> vec4f {
  var slope: vec4f;
  if (ACTIVATION == RELU) {
    let gate = vec4f(gates[row * layer.inputStride / 4u + vector]);
    slope = select(vec4f(), vec4f(select(1., run.dropoutScale, before.dropped > 0u)), gate > vec4f());
  } else {
    slope = vec4f(gates[row * before.outputStride / 4u + vector]);
  }
  // Behind the layer's outputs there may be columns of the encoded point, or padding that is to stay 0.
  let isOutput = 4u * vector + vec4u(0u, 1u, 2u, 3u) < vec4u(before.outputs);
  let delta = select(vec4f(), product * slope, isOutput);
  deltas[row * before.outputStride / 4u + vector] = Operand4(delta);
  return delta;
}
