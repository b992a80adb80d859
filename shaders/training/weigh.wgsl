// From the state's parameters to the weights that samples are multiplied by: weight norm applied, laid out for the products, a row of a
// layer's weights a workgroup. A second copy, in float32 and plain order, is the decoder that others may read.

fn weigh(layer: Layer, row: u32, lane: u32) {
  let inputs = layer.hidden + layer.latent + layer.point;
  let v = layer.parameterAt + row * inputs;
  var scale = 1.;
  if (layer.normalization == WEIGHT_NORM) {
    var square = 0.;
    for (var column = lane; column < inputs; column += LANES) { square += parameters[v + column] * parameters[v + column]; }
    let norm = sqrt(sumOverLanes(lane, vec4f(square, 0., 0., 0.)).x);
    scale = select(0., parameters[layer.gainAt + row] / norm, norm > 0.);
  }
  for (var column = lane; column < inputs; column += LANES) {
    let weight = scale * parameters[v + column];
    decoder[layer.decoderAt + row * inputs + column] = weight;
    if (column >= layer.hidden && column < layer.hidden + layer.latent) { continue; }
    let packed = column - select(layer.latent, 0u, column < layer.hidden);
    weights[layer.weightAt + row * layer.inputStride + packed] = Operand(weight);
    weights[layer.transposedAt + packed * layer.outputStride + row] = Operand(weight);
  }
  if (lane > 0u) { return; }
  decoder[layer.decoderBiasAt + row] = parameters[layer.biasAt + row];
  if (layer.normalization == LAYER_NORM) {
    decoder[layer.decoderBiasAt + layer.outputs + row] = parameters[layer.gainAt + row];
    decoder[layer.decoderBiasAt + 2u * layer.outputs + row] = parameters[layer.gainAt + layer.outputs + row];
  }
}
