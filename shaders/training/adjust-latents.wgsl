// Adam on the latent codes, a shape a workgroup, whether or not it is in the batch: its momentum moves it. Then the bound on its length.
@group(0) @binding(0) var<uniform> run: Run;
@group(0) @binding(1) var<uniform> batch: Batch;
@group(0) @binding(2) var<storage, read> shapes: array<u32>;
@group(0) @binding(3) var<storage, read> latentGradients: array<f32>;
@group(0) @binding(4) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(5) var<storage, read_write> firstMoments: array<f32>;
@group(0) @binding(6) var<storage, read_write> secondMoments: array<f32>;

@compute @workgroup_size(LANES)
fn adjustLatents(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let shape = workgroup.y * 0x8000u + workgroup.x;
  if (shape >= run.shapeCount) { return; }
  let first = run.latentsAt + shape * run.codeLength;
  var square = 0.;
  for (var i = lane; i < run.codeLength; i += LANES) { square += parameters[first + i] * parameters[first + i]; }
  let norm = sqrt(sumOverLanes(lane, vec4f(square, 0., 0., 0.)).x);
  // d (regularization * mean over the groups of |latent|), for each group of this shape.
  let pull = select(0., batch.regularization / (norm * f32(batch.groups)), norm > 0.);
  square = 0.;
  for (var i = lane; i < run.codeLength; i += LANES) {
    let prior = pull * parameters[first + i];
    var gradient = 0.;
    for (var group = 0u; group < batch.groups; group++) {
      if (shapes[group] == shape) { gradient += latentGradients[group * run.codeLength + i] + prior; }
    }
    let value = adam(first + i, gradient, batch.latentScale);
    square += value * value;
  }
  let length = sqrt(sumOverLanes(lane, vec4f(square, 0., 0., 0.)).x);
  if (!(length > run.codeBound)) { return; }
  for (var i = lane; i < run.codeLength; i += LANES) { parameters[first + i] *= run.codeBound / length; }
}
