// Gradients by the decoder's parameters, a row of a layer's weights a workgroup: slices and groups added up, the latent code's columns,
// the way back through weight norm (src/training/weight-norm.ts); with their squares, for clipping. And the loss.
@group(0) @binding(0) var<uniform> layers: array<Layer, MAX_LAYERS>;
@group(0) @binding(1) var<uniform> run: Run;
@group(0) @binding(2) var<uniform> batch: Batch;
@group(0) @binding(3) var<storage, read> shapes: array<u32>;
@group(0) @binding(4) var<storage, read> parameters: array<f32>;
@group(0) @binding(5) var<storage, read> partials: array<f32>;
@group(0) @binding(6) var<storage, read> groupSums: array<f32>;
@group(0) @binding(7) var<storage, read_write> gradients: array<f32>;
@group(0) @binding(8) var<storage, read_write> squares: array<f32>;
@group(0) @binding(9) var<storage, read_write> losses: array<f32>;

@compute @workgroup_size(LANES)
fn collect(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let layer = layers[workgroup.y];
  let row = workgroup.x;
  if (row >= layer.outputs) { return; }
  let inputs = layer.hidden + layer.latent + layer.point;
  let v = layer.parameterAt + row * inputs;
  // v.v, v.dw, dw.dw
  var products = vec4f();
  for (var column = lane; column < inputs; column += LANES) {
    let gradient = batch.gradientFactor * weightGradient(layer, row, column);
    gradients[v + column] = gradient;
    let value = parameters[v + column];
    products += vec4f(value * value, value * gradient, gradient * gradient, 0.);
  }
  // By bias, by layer norm's gain and shift (something else where there is none); the loss.
  var columnSums = vec4f();
  for (var group = lane; group < batch.groups; group += LANES) {
    let sums = group * run.sumStride;
    let norm = sums + layer.normSumAt + row;
    columnSums += vec4f(groupSums[sums + layer.rowAt + row], groupSums[norm], groupSums[norm + layer.outputs], groupSums[sums + run.lossSumAt]);
  }
  products = sumOverLanes(lane, products);
  columnSums = sumOverLanes(lane, columnSums);
  let byColumns = batch.gradientFactor * columnSums.xyz;
  var square = products.z + byColumns.x * byColumns.x;
  if (layer.normalization == WEIGHT_NORM) {
    // A row of length 0 has no direction to turn.
    let inverse = select(0., inverseSqrt(products.x), products.x > 0.);
    let stretch = products.y * inverse;
    let direction = parameters[layer.gainAt + row] * inverse;
    for (var column = lane; column < inputs; column += LANES) {
      gradients[v + column] = direction * (gradients[v + column] - parameters[v + column] * stretch * inverse);
    }
    square += stretch * stretch - products.z + direction * direction * max(0., products.z - stretch * stretch);
    if (lane == 0u) { gradients[layer.gainAt + row] = stretch; }
  }
  if (lane > 0u) { return; }
  gradients[layer.biasAt + row] = byColumns.x;
  if (layer.normalization == LAYER_NORM) {
    gradients[layer.gainAt + row] = byColumns.y;
    gradients[layer.gainAt + layer.outputs + row] = byColumns.z;
    square += dot(byColumns.yz, byColumns.yz);
  }
  squares[layer.rowAt + row] = square;
  if (layer.index + row == 0u) { losses[batch.lossSlot] = columnSums.w / f32(batch.groups * batch.samples); }
}

fn weightGradient(layer: Layer, row: u32, column: u32) -> f32 {
  var sum = 0.;
  if (column >= layer.hidden && column < layer.hidden + layer.latent) {
    let i = column - layer.hidden;
    for (var group = 0u; group < batch.groups; group++) {
      let code = parameters[run.latentsAt + shapes[group] * layer.latent + i] * latentFactor(layer.index, group * layer.latent + i);
      sum += code * groupSums[group * run.sumStride + layer.rowAt + row];
    }
    return sum;
  }
  let packed = column - select(layer.latent, 0u, column < layer.hidden);
  if (layer.slices == 0u) {
    // The output layer's, from head.wgsl.
    for (var group = 0u; group < batch.groups; group++) { sum += groupSums[group * run.sumStride + run.headSumAt + packed]; }
    return sum;
  }
  let at = layer.partialAt + row * layer.inputStride + packed;
  for (var slice = 0u; slice < layer.slices; slice++) { sum += partials[at + slice * layer.outputStride * layer.inputStride]; }
  return sum;
}
