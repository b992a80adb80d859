// Writes the encoded points into the columns of a layer's input that take them, behind the hidden ones.
@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<uniform> batch: Batch;
@group(0) @binding(2) var<storage, read> points: array<f32>;
@group(0) @binding(3) var<storage, read_write> inputs: array<Operand>;

@compute @workgroup_size(TILE_ROWS)
fn encode(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) row: u32) {
  let tile = workgroup.x;
  // Rows of padding repeat the group's last point: anything finite will do.
  let pointAt = 3u * (groupOf(tile) * batch.rows + min(rowInGroup(tile, row), batch.rows - 1u));
  let point = vec4f(points[pointAt], points[pointAt + 1u], points[pointAt + 2u], 0.);
  let to = (tile * TILE_ROWS + row) * layer.inputStride + layer.hidden;
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
  inputs[at] = Operand(values.x);
  inputs[at + 1u] = Operand(values.y);
  inputs[at + 2u] = Operand(values.z);
}
