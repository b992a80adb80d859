// What the kernels share that evaluate a decoder at many query points: activations lie in rows of STRIDE numbers, a row a query point.
struct Layer {
  // Columns of the input, padded: hidden ones, then those of the encoded point.
  depth: u32,
  hidden: u32,
  point: u32,
  outputs: u32,
  // Of the weights, [depth, outputStride]; counted in numbers.
  weightAt: u32,
  outputStride: u32,
  // Counted in vectors.
  biasAt: u32,
  // Of layer norm's gain, behind which its shift is; counted in vectors.
  gainAt: u32,
  hasLayerNorm: u32,
}

struct Sample {
  x: f32,
  y: f32,
  z: f32,
  // Where its distance goes.
  slot: u32,
}

fn activate(x: vec4f) -> vec4f {
  if (ACTIVATION == SINE) { return preciseWave(ACTIVATION_SCALE * x).sine; }
  if (ACTIVATION == SOFTPLUS) { return max(x, vec4f()) + log(1. + exp(-abs(ACTIVATION_SCALE * x))) / ACTIVATION_SCALE; }
  if (ACTIVATION == ELU) { return select(ACTIVATION_SCALE * (exp(min(x, vec4f())) - 1.), x, x > vec4f()); }
  return max(x, vec4f());
}
