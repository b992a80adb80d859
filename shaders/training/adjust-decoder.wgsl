// Adam on the decoder's parameters, a row of a layer's weights a workgroup, then the weights anew.
@group(0) @binding(0) var<uniform> layers: array<Layer, MAX_LAYERS>;
@group(0) @binding(1) var<uniform> run: Run;
@group(0) @binding(2) var<uniform> batch: Batch;
@group(0) @binding(3) var<storage, read> gradients: array<f32>;
@group(0) @binding(4) var<storage, read> squares: array<f32>;
@group(0) @binding(5) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(6) var<storage, read_write> firstMoments: array<f32>;
@group(0) @binding(7) var<storage, read_write> secondMoments: array<f32>;
@group(0) @binding(8) var<storage, read_write> decoder: array<f32>;
@group(0) @binding(9) var<storage, read_write> weights: array<Operand>;

@compute @workgroup_size(LANES)
fn adjustDecoder(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let layer = layers[workgroup.y];
  let row = workgroup.x;
  if (row >= layer.outputs) { return; }
  let factor = clipFactor(lane);
  let inputs = layer.hidden + layer.latent + layer.point;
  for (var column = lane; column < inputs; column += LANES) { adjust(layer.parameterAt + row * inputs + column, factor); }
  if (lane == 0u) {
    adjust(layer.biasAt + row, factor);
    if (layer.normalization != NONE_NORM) { adjust(layer.gainAt + row, factor); }
    if (layer.normalization == LAYER_NORM) { adjust(layer.gainAt + layer.outputs + row, factor); }
  }
  storageBarrier();
  weigh(layer, row, lane);
}

fn adjust(at: u32, factor: f32) { adam(at, factor * gradients[at], batch.decoderScale); }

// Of src/training/clip-gradients.ts. Every workgroup adds up the same numbers in the same order.
fn clipFactor(lane: u32) -> f32 {
  if (run.gradientClip == 0.) { return 1.; }
  var square = 0.;
  for (var i = lane; i < run.biasStride; i += LANES) { square += squares[i]; }
  return min(1., run.gradientClip / (sqrt(sumOverLanes(lane, vec4f(square, 0., 0., 0.)).x) + 1e-6));
}
