// A ray cut to the box, in model units: what tracing in compute form starts from.
struct SdfBoxRay {
  origin: vec3f,
  // Not positive where there is nothing to search.
  length: f32,
  // Of unit length.
  direction: vec3f,
  // How far the origin lies along the ray that was cut.
  start: f32,
  // As sdfMarch takes it.
  tolerance: vec2f,
  startsOutsideBox: bool,
};

// Where a ray enters the box and leaves it, as lengths along it (slabs); a direction of zero is moved off it.
fn sdfBoxWindow(origin: vec3f, direction: vec3f) -> vec2f {
  let perUnit = 1. / select(direction, vec3f(1e-7), abs(direction) < vec3f(1e-7));
  let middle = (sdfBoxCenter() - origin) * perUnit;
  let half = sdfBoxHalf() * abs(perUnit);
  let near = middle - half;
  let far = middle + half;
  return vec2f(max(near.x, max(near.y, near.z)), min(far.x, min(far.y, far.z)));
}
