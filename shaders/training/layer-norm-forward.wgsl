// Layer norm (src/decoder/layer-norm.ts) and activation of one hidden layer, a tile of rows a workgroup.
@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<uniform> run: Run;
@group(0) @binding(2) var<uniform> batch: Batch;
@group(0) @binding(3) var<storage, read> parameters: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> inverses: array<f32>;
@group(0) @binding(6) var<storage, read_write> outputs: array<Operand4>;
@group(0) @binding(7) var<storage, read_write> slopes: array<Operand4>;

// Mean, 1 / standard deviation.
var<workgroup> moments: array<vec2f, TILE_ROWS>;

@compute @workgroup_size(TILE_ROWS)
fn layerNormForward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let tile = workgroup.x;
  let stride = layer.outputStride / 4u;
  let vectors = (layer.outputs + 3u) / 4u;
  let first = (tile * TILE_ROWS + thread) * stride;
  var total = vec4f();
  for (var i = 0u; i < vectors; i++) { total += sums[first + i]; }
  let mean = dot(total, vec4f(1.)) / f32(layer.outputs);
  var squares = vec4f();
  for (var i = 0u; i < vectors; i++) {
    let off = select(vec4f(), sums[first + i] - mean, isOutput(i));
    squares += off * off;
  }
  let inverse = inverseSqrt(dot(squares, vec4f(1.)) / f32(layer.outputs) + LAYER_NORM_EPSILON);
  moments[thread] = vec2f(mean, inverse);
  inverses[tile * TILE_ROWS + thread] = inverse;
  workgroupBarrier();
  for (var i = thread; i < TILE_ROWS * vectors; i += TILE_ROWS) {
    let row = i / vectors;
    let vector = i % vectors;
    let at = (tile * TILE_ROWS + row) * stride + vector;
    let normalized = (sums[at] - moments[row].x) * moments[row].y;
    sums[at] = normalized;
    emit(tile, row, vector, parameterVector(layer.gainAt, vector) * normalized + parameterVector(layer.gainAt + layer.outputs, vector));
  }
}

fn parameterVector(first: u32, vector: u32) -> vec4f {
  let at = first + 4u * vector;
  return vec4f(parameters[at], parameters[at + 1u], parameters[at + 2u], parameters[at + 3u]);
}
