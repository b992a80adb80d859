// One hidden layer: inputs times weights, plus the group's biases; then the activation, or, for layer norm to go on with, the sums.
@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<uniform> run: Run;
@group(0) @binding(2) var<uniform> batch: Batch;
@group(0) @binding(3) var<storage, read> leftOperand: array<MatrixOperand>;
@group(0) @binding(4) var<storage, read> rightOperand: array<MatrixOperand>;
@group(0) @binding(5) var<storage, read> biases: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> outputs: array<Operand4>;
@group(0) @binding(7) var<storage, read_write> slopes: array<Operand4>;
@group(0) @binding(8) var<storage, read_write> sums: array<vec4f>;

@compute @workgroup_size(THREADS)
fn forward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let tile = workgroup.y;
  let firstVector = workgroup.x * TILE_VECTORS;
  multiply(thread, tile * TILE_ROWS * layer.inputStride, layer.inputStride,
    layer.transposedAt + 4u * firstVector, layer.outputStride, layer.hidden + layer.point);
  let biasAt = (groupOf(tile) * run.biasStride + layer.rowAt) / 4u;
  for (var i = 0u; i < PRODUCTS; i++) {
    let row = rowOf(thread, i);
    let vector = firstVector + vectorOf(thread, i);
    if (4u * vector >= layer.outputs) { continue; }
    let sum = productOf(thread, i) + biases[biasAt + vector];
    if (layer.normalization == LAYER_NORM) {
      sums[(tile * TILE_ROWS + row) * layer.outputStride / 4u + vector] = sum;
    } else {
      emit(tile, row, vector, sum);
    }
  }
}
