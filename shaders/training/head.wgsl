// The output layer, the loss and its gradient, a row a thread; then the column sums of the tile: gradients by the output layer's weights
// and bias, and the loss.
@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<uniform> run: Run;
@group(0) @binding(2) var<uniform> batch: Batch;
@group(0) @binding(3) var<storage, read> targets: array<f32>;
@group(0) @binding(4) var<storage, read> inputs: array<Operand4>;
@group(0) @binding(5) var<storage, read> weights: array<Operand4>;
@group(0) @binding(6) var<storage, read> biases: array<f32>;
@group(0) @binding(7) var<storage, read_write> deltas: array<Operand4>;
@group(0) @binding(8) var<storage, read_write> tileSums: array<f32>;

const FAR = 1e30;
// Corners of the tetrahedron of src/training/eikonal.ts.
const STENCIL = array(vec3f(1., 1., 1.), vec3f(1., -1., -1.), vec3f(-1., 1., -1.), vec3f(-1., -1., 1.));

var<workgroup> distances: array<f32, TILE_ROWS>;
// Of each row: gradient, loss.
var<workgroup> rows: array<vec2f, TILE_ROWS>;

@compute @workgroup_size(TILE_ROWS)
fn head(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) row: u32) {
  let tile = workgroup.x;
  let first = tile * TILE_ROWS;
  let stride = layer.inputStride / 4u;
  let vectors = (layer.hidden + layer.point + 3u) / 4u;
  var products = vec4f();
  for (var i = 0u; i < vectors; i++) { products += vec4f(inputs[(first + row) * stride + i]) * vec4f(weights[layer.weightAt / 4u + i]); }
  let linear = dot(products, vec4f(1.)) + biases[groupOf(tile) * run.biasStride + layer.rowAt];
  let inner = select(linear, safeTanh(linear), run.innerTanh > 0u);
  let distance = select(inner, safeTanh(inner), run.outputTanh > 0u);
  distances[row] = distance;
  workgroupBarrier();
  let sample = rowInGroup(tile, row);
  var result = vec2f();
  if (sample < batch.samples) {
    result = compare(distance, targets[rowOfBatch(tile, row)]);
    // By bits: a compiler may assume that there is no NaN.
    if ((bitcast<u32>(linear) & 0x7f800000u) == 0x7f800000u) { result.y = FAR; }
  } else if (sample < batch.rows) {
    // A stencil's four rows lie in one tile: its group began with a tile, and samples come four at a time.
    let corner = (sample - batch.samples) % 4u;
    result = vec2f(eikonalSlope(row - corner, corner), 0.);
  }
  if (run.outputTanh > 0u) { result.x *= 1. - distance * distance; }
  if (run.innerTanh > 0u) { result.x *= 1. - inner * inner; }
  result.x *= run.gradientScale;
  rows[row] = result;
  let to = (first + row) * layer.outputStride / 4u;
  deltas[to] = Operand4(vec4f(result.x, 0., 0., 0.));
  // backward.wgsl reads as many columns as it takes at a time.
  for (var i = 1u; i < TILE_DEPTH / 4u; i++) { deltas[to + i] = Operand4(); }
  workgroupBarrier();
  let sums = tile * run.sumStride;
  let rowCount = rowsOfTile(tile);
  for (var i = row; i < vectors; i += TILE_ROWS) {
    var sum = vec4f();
    for (var r = 0u; r < rowCount; r++) { sum += rows[r].x * vec4f(inputs[(first + r) * stride + i]); }
    for (var c = 0u; c < 4u; c++) { tileSums[sums + run.headSumAt + 4u * i + c] = sum[c]; }
  }
  if (row == 0u) {
    var sum = vec2f();
    for (var r = 0u; r < rowCount; r++) { sum += rows[r]; }
    tileSums[sums + layer.rowAt] = sum.x;
    tileSums[sums + run.lossSumAt] = sum.y;
  }
}

// Derivative and value of src/training/loss.ts.
fn compare(predicted: f32, distance: f32) -> vec2f {
  let low = select(-FAR, -run.delta, run.clampBothSides > 0u || distance <= -run.delta);
  let high = select(FAR, run.delta, run.clampBothSides > 0u || distance >= run.delta);
  let difference = clamp(predicted, low, high) - clamp(distance, -run.delta, run.delta);
  return vec2f(select(sign(difference), 0., predicted < low || predicted > high), abs(difference));
}

// Derivative of (|gradient| - 1)^2 by the distance at one corner, weighted against the samples.
fn eikonalSlope(first: u32, corner: u32) -> f32 {
  var gradient = vec3f();
  for (var i = 0u; i < 4u; i++) { gradient += STENCIL[i] * distances[first + i]; }
  gradient /= 4. * run.stencilStep;
  let steepness = length(gradient);
  if (steepness == 0.) { return 0.; }
  return batch.stencilFactor * 2. * (steepness - 1.) / steepness / (4. * run.stencilStep) * dot(STENCIL[corner], gradient);
}
