// A plain product of matrices: what a device can do, for choosing a tile and for judging a training step.
struct Matrices {
  leftStride: u32,
  rightStride: u32,
  depth: u32,
}

@group(0) @binding(0) var<uniform> matrices: Matrices;
@group(0) @binding(1) var<storage, read> leftOperand: array<MatrixOperand>;
@group(0) @binding(2) var<storage, read> rightOperand: array<MatrixOperand>;
@group(0) @binding(3) var<storage, read_write> result: array<vec4f>;

@compute @workgroup_size(THREADS)
fn multiplyMatrices(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let firstRow = workgroup.y * TILE_ROWS;
  let firstVector = workgroup.x * TILE_VECTORS;
  let leftAt = select(firstRow * matrices.leftStride, firstRow, LEFT_IS_TRANSPOSED);
  multiply(thread, leftAt, matrices.leftStride, 4u * firstVector, matrices.rightStride, matrices.depth);
  for (var i = 0u; i < PRODUCTS; i++) {
    result[(firstRow + rowOf(thread, i)) * matrices.rightStride / 4u + firstVector + vectorOf(thread, i)] = productOf(thread, i);
  }
}
