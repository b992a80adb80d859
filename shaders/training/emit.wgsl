// The end of a hidden layer: activation and dropout, into the next layer's input; for the way back, the slope of both.
// ReLU's is 1 or 0 and shows in its output.

fn emit(tile: u32, row: u32, vector: u32, x: vec4f) {
  let activated = activate(x);
  let factor = dropoutFactors(tile, row, vector);
  let at = tile * TILE_ROWS + row;
  if (ACTIVATION != RELU) { slopes[at * layer.outputStride / 4u + vector] = Operand4(activated.slope * factor); }
  let value = Operand4(activated.value * factor);
  let to = at * layer.nextStride / 4u + vector;
  // The last vector may hold columns of the encoded point.
  if (4u * vector + 4u <= layer.outputs) { outputs[to] = value; } else { outputs[to] = select(outputs[to], value, isOutput(vector)); }
}

fn isOutput(vector: u32) -> vec4<bool> { return 4u * vector + vec4u(0u, 1u, 2u, 3u) < vec4u(layer.outputs); }

fn dropoutFactors(tile: u32, row: u32, vector: u32) -> vec4f {
  if (layer.dropped == 0u) { return vec4f(1.); }
  let index = rowOfBatch(tile, row) * layer.outputs + 4u * vector;
  let isKept = areKept(dropoutKey(layer.index), index + vec4u(0u, 1u, 2u, 3u), run.dropoutThreshold);
  return select(vec4f(), vec4f(run.dropoutScale), isKept);
}
