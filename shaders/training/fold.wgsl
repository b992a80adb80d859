// Wz z + b for every group and layer: within a group the latent code is a bias (src/decoder/folding.ts).
@group(0) @binding(0) var<uniform> layers: array<Layer, MAX_LAYERS>;
@group(0) @binding(1) var<uniform> run: Run;
@group(0) @binding(2) var<uniform> batch: Batch;
@group(0) @binding(3) var<storage, read> shapes: array<u32>;
@group(0) @binding(4) var<storage, read> decoder: array<f32>;
@group(0) @binding(5) var<storage, read> parameters: array<f32>;
@group(0) @binding(6) var<storage, read_write> biases: array<f32>;

@compute @workgroup_size(64)
fn fold(@builtin(global_invocation_id) id: vec3u) {
  let layer = layers[id.z];
  let group = id.y;
  if (id.x >= layer.outputs) { return; }
  var sum = decoder[layer.decoderBiasAt + id.x];
  if (layer.latent > 0u) {
    let weights = layer.decoderAt + id.x * (layer.hidden + layer.latent + layer.point) + layer.hidden;
    let latent = run.latentsAt + shapes[group] * layer.latent;
    for (var i = 0u; i < layer.latent; i++) {
      sum += decoder[weights + i] * parameters[latent + i] * latentFactor(layer.index, group * layer.latent + i);
    }
  }
  biases[group * run.biasStride + layer.rowAt + id.x] = sum;
}
