// From a decoder in training to the table that a live shape is traced with (src/gpu/buffered-decoder.ts): weights of hidden and point
// columns in 4 x 4 blocks, the latent code folded into the biases. One invocation a vec4f of the table. LAYERS is written by hand-over.ts.

struct Layer {
  // First vec4f of the table: of the biases, of the weights.
  biasAt: u32,
  weightAt: u32,
  // vec4f entries of the weights.
  weightCount: u32,
  // First number in `decoder`: of the weights [outputs][hidden + latent + point], of the biases.
  weightFrom: u32,
  biasFrom: u32,
  outputs: u32,
  hidden: u32,
  latent: u32,
  point: u32,
};

@group(0) @binding(0) var<storage, read> decoder: array<f32>;
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<uniform> latentAt: vec4u;
@group(0) @binding(3) var<storage, read_write> table: array<vec4f>;

fn foldedBias(layer: Layer, row: u32) -> f32 {
  if (row >= layer.outputs) { return 0.; }
  let first = layer.weightFrom + row * (layer.hidden + layer.latent + layer.point) + layer.hidden;
  var sum = decoder[layer.biasFrom + row];
  for (var i = 0u; i < layer.latent; i++) { sum += decoder[first + i] * parameters[latentAt.x + i]; }
  return sum;
}

fn weightAt(layer: Layer, row: u32, block: u32, lane: u32) -> f32 {
  let hiddenBlocks = (layer.hidden + 3u) / 4u;
  let isPoint = block >= hiddenBlocks;
  let column = 4u * select(block, block - hiddenBlocks, isPoint) + lane;
  if (row >= layer.outputs || column >= select(layer.hidden, layer.point, isPoint)) { return 0.; }
  return decoder[layer.weightFrom + row * (layer.hidden + layer.latent + layer.point) + select(column, layer.hidden + layer.latent + column, isPoint)];
}

@compute @workgroup_size(64)
fn handOver(@builtin(global_invocation_id) id: vec3u) {
  let at = id.x;
  for (var index = 0u; index < LAYER_COUNT; index++) {
    let layer = LAYERS[index];
    let row = 4u * (at - layer.biasAt);
    if (at >= layer.biasAt && row < layer.outputs) {
      table[at] = vec4f(foldedBias(layer, row), foldedBias(layer, row + 1u), foldedBias(layer, row + 2u), foldedBias(layer, row + 3u));
      return;
    }
    let entry = at - layer.weightAt;
    if (at >= layer.weightAt && entry < layer.weightCount) {
      let blocks = (layer.hidden + 3u) / 4u + (layer.point + 3u) / 4u;
      let block = entry / 4u;
      let first = 4u * (block / blocks);
      table[at] = vec4f(
        weightAt(layer, first, block % blocks, entry % 4u),
        weightAt(layer, first + 1u, block % blocks, entry % 4u),
        weightAt(layer, first + 2u, block % blocks, entry % 4u),
        weightAt(layer, first + 3u, block % blocks, entry % 4u),
      );
      return;
    }
  }
}
