#if defined(NEURAL_SDF_LOD) && NEURAL_SDF_LOD > 0
#ifndef SM_FLOAT
// Whether this pixel is left to the baked mesh: interleaved gradient noise (Jimenez 2014), by which any share of the pixels is spread evenly.
fn sdfIsBaked() -> bool {
  return fract(52.9829189 * fract(dot(floor(fragmentInputs.position.xy), vec2f(0.06711056, 0.00583715)))) < fragmentInputs.vSdfBaked;
}
#endif
#endif
