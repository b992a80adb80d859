// Layer norm (src/decoder/layer-norm.ts) and activation of one hidden layer, in place, a row a thread.
@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> rows: array<vec4f>;

@compute @workgroup_size(64)
fn normalizeLayer(@builtin(global_invocation_id) id: vec3u) {
  let first = id.x * STRIDE / 4u;
  let vectors = (layer.outputs + 3u) / 4u;
  // Columns past the last are zero as yet: their weights and biases are.
  var total = vec4f();
  for (var i = 0u; i < vectors; i++) { total += rows[first + i]; }
  let mean = dot(total, vec4f(1.)) / f32(layer.outputs);
  var squares = vec4f();
  for (var i = 0u; i < vectors; i++) {
    let off = select(vec4f(), rows[first + i] - mean, 4u * i + vec4u(0u, 1u, 2u, 3u) < vec4u(layer.outputs));
    squares += off * off;
  }
  let inverse = inverseSqrt(dot(squares, vec4f(1.)) / f32(layer.outputs) + LAYER_NORM_EPSILON);
  for (var i = 0u; i < vectors; i++) {
    rows[first + i] = activate(parameters[layer.gainAt + i] * (rows[first + i] - mean) * inverse + parameters[layer.gainAt + vectors + i]);
  }
}
