// The output layer, a row a thread: a distance into the slot that its sample names.
@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<storage, read> samples: array<Sample>;
@group(0) @binding(2) var<storage, read> inputs: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read> biases: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> distances: array<f32>;

@compute @workgroup_size(64)
fn writeDistances(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= arrayLength(&samples)) { return; }
  var products = vec4f();
  for (var i = 0u; i < layer.depth / 4u; i++) { products += inputs[id.x * STRIDE / 4u + i] * weights[layer.weightAt / 4u + i]; }
  var distance = dot(products, vec4f(1.)) + biases[layer.biasAt].x;
  if (INNER_TANH) { distance = safeTanh(distance); }
  if (OUTPUT_TANH) { distance = safeTanh(distance); }
  distances[samples[id.x].slot] = distance;
}
