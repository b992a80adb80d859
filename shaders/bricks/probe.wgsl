// What tracing would read at query points: for measuring its error. Stands on sample.wgsl.
@group(0) @binding(0) var<storage, read> sdfBias: array<vec4f>;
@group(0) @binding(1) var<storage, read> points: array<vec4f>;
// The distance, and how steep it is.
@group(0) @binding(2) var<storage, read_write> probed: array<vec2f>;

@compute @workgroup_size(64)
fn probe(@builtin(global_invocation_id) id: vec3u) {
  decoderBias[0] = sdfBias[0];
  if (id.x >= arrayLength(&points)) { return; }
  let gradient = decoderGradient(points[id.x].xyz);
  probed[id.x] = vec2f(gradient.w, length(gradient.xyz));
}
