// What tracing would read at query points: for measuring its error. Stands on sample.wgsl.
@group(0) @binding(0) var<storage, read> sdfBias: array<vec4f>;
@group(0) @binding(1) var<storage, read> points: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> probed: array<f32>;

@compute @workgroup_size(64)
fn probe(@builtin(global_invocation_id) id: vec3u) {
  decoderBias[0] = sdfBias[0];
  if (id.x < arrayLength(&points)) { probed[id.x] = decoderDistance(points[id.x].xyz); }
}
