uniform sdfIdentity: f32;
uniform sdfScale: f32;

// A unit vector on the octahedron, unfolded (Meyer 2010).
fn sdfEncodeNormal(normal: vec3f) -> vec2f {
  let folded = normal.xy / (abs(normal.x) + abs(normal.y) + abs(normal.z));
  return select((1. - abs(folded.yx)) * select(vec2f(-1.), vec2f(1.), folded >= vec2f()), folded, normal.z >= 0.);
}
