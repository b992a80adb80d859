// What the fast march is measured against: plain sphere tracing, steps of a fixed share of the distance, normals by six evaluations,
// no grid. Takes the place of the functions of the same names in sphere-trace.wgsl.
fn sdfMarch(origin: vec3f, direction: vec3f, end: f32, tolerance: vec2f, startsOutsideBox: bool) -> SdfHit {
  var hit = SdfHit(end, SDF_DELTA, 0u, false, false);
  var s = 0.;
  for (var step = 0; step < SDF_MAX_EVALUATIONS; step++) {
    if (s >= end) { break; }
    let value = sdfField(origin + direction * s);
    hit.evaluations++;
    if (value < tolerance.x + tolerance.y * s) {
      hit.distance = s; hit.value = value; hit.found = true;
      break;
    }
    s += SDF_STEP_SCALE * min(value, SDF_DELTA);
  }
  return hit;
}

fn sdfTrace(origin: vec3f, direction: vec3f, end: f32, tolerance: vec2f, startsOutsideBox: bool) -> SdfTraced {
  var hit = sdfMarch(origin, direction, end, tolerance, startsOutsideBox);
  var normal = vec3f();
  if (hit.found) {
    for (var i = 0; i < 6; i++) {
      let side = select(-1., 1., i < 3);
      let offset = vec3f(select(0., side, i % 3 == 0), select(0., side, i % 3 == 1), select(0., side, i % 3 == 2));
      normal += offset * sdfField(origin + direction * hit.distance + offset * 1e-3);
    }
    hit.evaluations += 6u;
  }
  return SdfTraced(hit, normal);
}

fn sdfTraceCovered(ray: SdfRay, tolerance: vec2f) -> SdfTraced {
  return sdfTrace(ray.origin, ray.direction, ray.length, tolerance, ray.startsOutsideBox);
}
