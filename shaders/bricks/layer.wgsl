// One hidden layer, a tile of it a workgroup: inputs times weights, plus the shape's biases; then the activation, unless layer norm comes
// before it.
@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<storage, read> leftOperand: array<MatrixOperand>;
@group(0) @binding(2) var<storage, read> rightOperand: array<MatrixOperand>;
@group(0) @binding(3) var<storage, read> biases: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> outputs: array<vec4f>;

@compute @workgroup_size(THREADS)
fn multiplyLayer(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let firstRow = workgroup.y * TILE_ROWS;
  let firstVector = workgroup.x * TILE_VECTORS;
  multiply(thread, firstRow * STRIDE, STRIDE, layer.weightAt + 4u * firstVector, layer.outputStride, layer.depth);
  for (var i = 0u; i < PRODUCTS; i++) {
    let vector = firstVector + vectorOf(thread, i);
    if (4u * vector >= layer.outputs) { continue; }
    var sum = productOf(thread, i) + biases[layer.biasAt + vector];
    if (layer.hasLayerNorm == 0u) { sum = activate(sum); }
    // Past the last column come weights of zero, or the encoded point, which is written after this.
    outputs[(firstRow + rowOf(thread, i)) * STRIDE / 4u + vector] = sum;
  }
}
