// Dropout of the latent code where it enters layer 0, one mask a group.
const LATENT_LAYER = 0xffffu;

fn latentFactor(layerIndex: u32, index: u32) -> f32 {
  if (run.latentDropoutThreshold == 0u || layerIndex > 0u) { return 1.; }
  return select(0., run.latentDropoutScale, areKept(dropoutKey(LATENT_LAYER), vec4u(index), run.latentDropoutThreshold).x);
}
