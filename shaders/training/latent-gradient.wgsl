// Gradients by each group's latent code, without the prior: the group's bias gradients times the weights that fold the code.
@group(0) @binding(0) var<uniform> layers: array<Layer, MAX_LAYERS>;
@group(0) @binding(1) var<uniform> run: Run;
@group(0) @binding(2) var<uniform> batch: Batch;
@group(0) @binding(3) var<storage, read> decoder: array<f32>;
@group(0) @binding(4) var<storage, read> groupSums: array<f32>;
@group(0) @binding(5) var<storage, read_write> latentGradients: array<f32>;

// Threads that share a component.
const SHARES = 4u;
var<workgroup> shares: array<array<f32, 64>, SHARES>;

@compute @workgroup_size(64, SHARES)
fn latentGradient(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let group = workgroup.y;
  let i = workgroup.x * 64u + local.x;
  let codeLength = run.codeLength;
  var sum = 0.;
  for (var index = 0u; index < run.layers && i < codeLength; index++) {
    let layer = layers[index];
    if (layer.latent == 0u) { continue; }
    let inputs = layer.hidden + layer.latent + layer.point;
    var part = 0.;
    for (var row = local.y; row < layer.outputs; row += SHARES) {
      part += groupSums[group * run.sumStride + layer.rowAt + row] * decoder[layer.decoderAt + row * inputs + layer.hidden + i];
    }
    sum += part * latentFactor(index, group * codeLength + i);
  }
  shares[local.y][local.x] = sum;
  workgroupBarrier();
  if (local.y > 0u || i >= codeLength) { return; }
  for (var share = 1u; share < SHARES; share++) { sum += shares[share][local.x]; }
  latentGradients[group * codeLength + i] = batch.gradientFactor * sum;
}
