// The signed distance that is traced, in model units, and its gradient (xyz) with it (w). Stands on the baked decoder. The box that holds
// the surface: its middle, and half of its sides.
fn sdfBoxCenter() -> vec3f { return vec3f(); }
fn sdfBoxHalf() -> vec3f { return vec3f(SDF_HALF_EXTENT); }

fn sdfField(p: vec3f) -> f32 {
  return decoderDistance(p);
}

fn sdfFieldGradient(p: vec3f) -> vec4f {
  return decoderGradient(p);
}
