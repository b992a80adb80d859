// Writes the encoded query points into the columns of a layer's input that take them, behind the hidden ones.
@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<storage, read> samples: array<Sample>;
@group(0) @binding(2) var<storage, read_write> inputs: array<f32>;

@compute @workgroup_size(64)
fn encode(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= arrayLength(&samples)) { return; }
  let sample = samples[id.x];
  let point = vec4f(sample.x, sample.y, sample.z, 0.);
  let to = id.x * STRIDE + layer.hidden;
  writePoint(to, point);
  var frequency = 1.;
  for (var at = to + 3u; at < to + layer.point; at += 6u) {
    let wave = waveOfHalfTurns(frequency * point);
    writePoint(at, wave.sine);
    writePoint(at + 3u, wave.cosine);
    frequency *= 2.;
  }
}

fn writePoint(at: u32, values: vec4f) {
  inputs[at] = values.x;
  inputs[at + 1u] = values.y;
  inputs[at + 2u] = values.z;
}
