// The signed distance that is traced, in model units, and its gradient (xyz) with it (w). Stands on the baked decoder.
fn sdfField(p: vec3f) -> f32 {
  return decoderDistance(p);
}

fn sdfFieldGradient(p: vec3f) -> vec4f {
  return decoderGradient(p);
}
