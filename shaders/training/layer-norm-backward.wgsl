// The way back through layer norm, in place: from gradients by the normalised, scaled and shifted sums to those by the sums themselves.
@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<uniform> run: Run;
@group(0) @binding(2) var<uniform> batch: Batch;
@group(0) @binding(3) var<storage, read> parameters: array<f32>;
@group(0) @binding(4) var<storage, read> normalized: array<vec4f>;
@group(0) @binding(5) var<storage, read> inverses: array<f32>;
@group(0) @binding(6) var<storage, read_write> deltas: array<Operand4>;
@group(0) @binding(7) var<storage, read_write> tileSums: array<f32>;

// Means over a row of gradient * gain, and of that times the normalised sums.
var<workgroup> means: array<vec2f, TILE_ROWS>;

@compute @workgroup_size(TILE_ROWS)
fn layerNormBackward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let firstRow = workgroup.x * TILE_ROWS;
  let stride = layer.outputStride / 4u;
  let vectors = (layer.outputs + 3u) / 4u;
  var mean = 0.;
  var along = 0.;
  for (var i = 0u; i < vectors; i++) {
    let at = (firstRow + thread) * stride + i;
    let scaled = vec4f(deltas[at]) * gain(i);
    mean += dot(scaled, vec4f(1.));
    along += dot(scaled, normalized[at]);
  }
  means[thread] = vec2f(mean, along) / f32(layer.outputs);
  workgroupBarrier();
  let rowCount = rowsOfTile(workgroup.x);
  for (var i = thread; i < vectors; i += TILE_ROWS) {
    var gainSum = vec4f();
    var shiftSum = vec4f();
    var biasSum = vec4f();
    for (var row = 0u; row < rowCount; row++) {
      let at = (firstRow + row) * stride + i;
      let gradient = vec4f(deltas[at]);
      let delta = inverses[firstRow + row] * (gradient * gain(i) - means[row].x - normalized[at] * means[row].y);
      deltas[at] = Operand4(select(vec4f(), delta, 4u * i + vec4u(0u, 1u, 2u, 3u) < vec4u(layer.outputs)));
      gainSum += gradient * normalized[at];
      shiftSum += gradient;
      biasSum += delta;
    }
    let to = workgroup.x * run.sumStride;
    for (var c = 0u; c < min(4u, layer.outputs - 4u * i); c++) {
      tileSums[to + layer.rowAt + 4u * i + c] = biasSum[c];
      tileSums[to + layer.normSumAt + 4u * i + c] = gainSum[c];
      tileSums[to + layer.normSumAt + layer.outputs + 4u * i + c] = shiftSum[c];
    }
  }
}

fn gain(vector: u32) -> vec4f {
  let at = layer.gainAt + 4u * vector;
  return vec4f(parameters[at], parameters[at + 1u], parameters[at + 2u], parameters[at + 3u]);
}
