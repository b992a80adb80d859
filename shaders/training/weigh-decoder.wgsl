// After a state was written.
@group(0) @binding(0) var<uniform> layers: array<Layer, MAX_LAYERS>;
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read_write> decoder: array<f32>;
@group(0) @binding(3) var<storage, read_write> weights: array<Operand>;

@compute @workgroup_size(LANES)
fn weighDecoder(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let layer = layers[workgroup.y];
  if (workgroup.x >= layer.outputs) { return; }
  weigh(layer, workgroup.x, lane);
}
