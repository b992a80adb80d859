// Marches one ray through one shape, in model units. Stands on `sdfField` (see field.wgsl), `sdfGrid` (see distance-grid.wgsl), the
// index `sdfGridStart` of its first cell (see instance-slot.wgsl) and the constants of compose-wgsl.ts.

// How far inside the zero level the surface is taken to lie, model units: a light's normal bias; outside where negative, an outline.
var<private> sdfInset: f32;

struct SdfHit {
  // Along the ray, from its origin.
  distance: f32,
  // Decoder's answer there.
  value: f32,
  evaluations: u32,
  found: bool,
  // The ray entered the box inside the shape: the surface there is the box's own face.
  capped: bool,
  // How far the surface may be from there, either way.
  slack: f32,
};

// Leaps over free cells whose sign is the one expected, and stops in the first other cell or past `end`.
fn sdfSkipFree(origin: vec3f, direction: vec3f, start: f32, end: f32, expected: i32) -> f32 {
  let toCells = 0.5 * f32(SDF_GRID) / sdfBoxHalf();
  let cellOrigin = (origin - sdfBoxCenter()) * toCells + 0.5 * f32(SDF_GRID);
  let cellDirection = direction * toCells;
  let forward = cellDirection > vec3f();
  var s = start;
  for (var leap = 0; leap < 2 * SDF_GRID && s < end; leap++) {
    let cell = clamp(vec3i(floor(cellOrigin + cellDirection * s)), vec3i(), vec3i(SDF_GRID - 1));
    // Signed Chebyshev distance to the nearest cell that the surface may cross; 0 in such a cell.
    let free = sdfGrid[sdfGridStart + (cell.z * SDF_GRID + cell.y) * SDF_GRID + cell.x] * expected;
    if (free <= 0) { break; }
    let wall = vec3f(select(cell - free + 1, cell + free, forward));
    let exits = (wall - cellOrigin) / cellDirection;
    // The nudge, a thousandth of a cell, puts the point past the wall whatever rounding does.
    s = max(s, min(exits.x, min(exits.y, exits.z))) + 0.001 / max(toCells.x, max(toCells.y, toCells.z));
  }
  return s;
}

// Sphere tracing with proven steps, `SDF_STEP_SCALE` of the clamped distance, lengthened by what the slope along the ray foretells
// (Keinert 2014, Balint 2018): a step that leaves more than `SDF_GAP` between its end's sphere and its start's is taken back.
// The gap is what keeps rays that graze a surface from creeping along it. Once the sign has changed, Illinois steps.
// `direction` is of unit length; `tolerance` the value that counts as a hit, and what it grows by per unit of length.
fn sdfMarch(origin: vec3f, direction: vec3f, end: f32, tolerance: vec2f, startsOutsideBox: bool) -> SdfHit {
  var hit = SdfHit(end, SDF_DELTA, 0u, false, false, 4. * tolerance.x);
  var s = 0.;
  var expected = 1;
  // The last sample that is proven reachable: everything up to it is outside.
  var low = vec2f(0., -1.);
  var provenRadius = 0.;
  // The sample beyond the surface, once there is one, and the side the last Illinois step kept.
  var high = vec2f();
  var bracketed = false;
  var keptSide = 0;
  var marching = true;
  for (var step = 0; step < SDF_MAX_EVALUATIONS && marching; step++) {
    if (!bracketed) {
      // The grid knows of the zero level only, not of a surface further out.
      var next = s;
      if (sdfInset >= 0.) { next = sdfSkipFree(origin, direction, s, end, expected); }
      if (next > s) {
        low.y = -1.;
        s = next;
      }
      marching = s < end;
    }
    // Behind a branch, which software GPUs jump over where no lane takes it; a loop's body they run once more than any lane needs it.
    var value = SDF_DELTA;
    if (marching) { value = sdfField(origin + direction * s) + sdfInset; }
    if (!marching) { break; }
    hit.evaluations++;
    let enough = tolerance.x + tolerance.y * s;
    // The nearest approach stands in for the hit of a ray that misses, so that derivatives across the silhouette stay sane.
    if (abs(value) < abs(hit.value)) {
      hit.distance = s;
      hit.value = value;
    }
    if (expected < 0) {
      // The camera is inside the solid: out of it first, as back face culling would have it.
      if (value > enough) { expected = 1; low = vec2f(s, value); }
      s += max(SDF_STEP_SCALE * min(abs(value), SDF_DELTA), enough);
      continue;
    }
    if (value < 0. && !bracketed && low.y < 0.) {
      if (step == 0 && s == 0.) {
        if (!startsOutsideBox) { expected = -1; hit.value = SDF_DELTA; continue; }
        hit.capped = true;
      }
      hit.distance = s; hit.value = value; hit.found = true;
      break;
    }
    // Near is not yet there: where the distance falls slowly, the surface is far along the ray, or the ray passes it by. Without this
    // condition, thin parts that a decoder barely holds grew a skin.
    let slope = select(0., (low.y - value) / (s - low.x), low.y > 0.);
    if (abs(value) < enough && (bracketed || slope > 0.25)) {
      hit.distance = s; hit.value = value; hit.found = true;
      break;
    }
    if (value < 0.) {
      high = vec2f(s, value);
      if (bracketed && keptSide < 0) { low.y *= 0.5; }
      keptSide = -1;
      bracketed = true;
    } else if (bracketed) {
      low = vec2f(s, value);
      if (keptSide > 0) { high.y *= 0.5; }
      keptSide = 1;
    }
    if (bracketed) {
      s = mix(low.x, high.x, low.y / (low.y - high.y));
      // Across so little the decoder is all but linear: what the normal takes, a value with its gradient, ends the search as well.
      if (high.x - low.x < SDF_CLOSE) {
        hit.distance = s; hit.value = 0.; hit.found = true; hit.slack = 0.5 * (high.x - low.x);
        break;
      }
      continue;
    }
    let radius = SDF_STEP_SCALE * min(value, SDF_DELTA);
    if (low.y > 0. && s - low.x > provenRadius + radius + SDF_GAP) {
      s = low.x + provenRadius;
      low.y = -1.;
      continue;
    }
    var stride = radius;
    if (low.y > 0. && low.y < SDF_DELTA) {
      // No further than where the secant through the last two samples reaches zero, and a little, so that the sign changes;
      // nor than where the two spheres would part, were the slope to last.
      let parting = 0.97 * (2. * radius + SDF_GAP) / (1. + SDF_STEP_SCALE * max(slope, 0.));
      stride = max(radius, min(value / max(slope, 1e-3) + 0.5 * enough, parting));
    }
    low = vec2f(s, value);
    provenRadius = radius;
    s += max(stride, 0.5 * enough);
  }
  return hit;
}

struct SdfSurface {
  // The field's gradient; where the box cuts the solid, its face's normal.
  normal: vec3f,
  // Along the ray, from its origin.
  distance: f32,
};

// One evaluation with its gradient serves the normal and a last Newton step onto the surface.
fn sdfSurface(origin: vec3f, direction: vec3f, hit: SdfHit) -> SdfSurface {
  let gradient = sdfFieldGradient(origin + direction * hit.distance);
  if (hit.capped) {
    let fromCenter = (origin - sdfBoxCenter()) / sdfBoxHalf();
    let face = abs(fromCenter);
    return SdfSurface(sign(fromCenter) * vec3f(face >= vec3f(max(face.x, max(face.y, face.z)) * 0.9999)), hit.distance);
  }
  let slope = min(dot(gradient.xyz, direction), -0.25);
  return SdfSurface(gradient.xyz, hit.distance - clamp(gradient.w / slope, -hit.slack, hit.slack));
}
