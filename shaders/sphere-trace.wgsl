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

// Whole numbers from 0 to 2^23 as integers, by their bits: WGSL's own conversion saturates, which software GPUs do lane by lane.
fn sdfWhole(v: vec3f) -> vec3i {
  return bitcast<vec3i>(v + 8388608.) - 0x4b000000;
}

// Leaps over free cells whose sign is the one expected, and stops in the first other cell or past `end`.
fn sdfSkipFree(origin: vec3f, direction: vec3f, start: f32, end: f32, expected: i32) -> f32 {
  let toCells = 0.5 * f32(SDF_GRID) / sdfBoxHalf();
  let cellOrigin = (origin - sdfBoxCenter()) * toCells + 0.5 * f32(SDF_GRID);
  let cellDirection = direction * toCells;
  let forward = cellDirection > vec3f();
  // A direction of zero never gets to a wall.
  let perCell = 1. / select(cellDirection, vec3f(1e-30), cellDirection == vec3f());
  let nudge = 0.001 / max(toCells.x, max(toCells.y, toCells.z));
  var s = start;
  for (var leap = 0; leap < 2 * SDF_GRID && s < end; leap++) {
    let corner = clamp(floor(cellOrigin + cellDirection * s), vec3f(), vec3f(f32(SDF_GRID - 1)));
    let cell = sdfWhole(corner);
    // Signed Chebyshev distance to the nearest cell that the surface may cross; 0 in such a cell.
    let free = (sdfGrid[sdfGridStart + (cell.z * SDF_GRID + cell.y) * SDF_GRID + cell.x] >> 24u) * expected;
    if (free <= 0) { break; }
    let wall = corner + select(vec3f(1. - f32(free)), vec3f(f32(free)), forward);
    let exits = (wall - cellOrigin) * perCell;
    // The nudge, a thousandth of a cell, puts the point past the wall whatever rounding does.
    s = max(s, min(exits.x, min(exits.y, exits.z))) + nudge;
  }
  return s;
}

// Goes on from there, through the balls that the values at the cells' centres prove to be outside: a cell or so nearer to the surface.
fn sdfSkipBalls(origin: vec3f, direction: vec3f, start: f32, end: f32) -> f32 {
  let half = sdfBoxHalf() / f32(SDF_GRID);
  var s = start;
  for (var ball = 0; ball < 3 && s < end; ball++) {
    let p = origin + direction * s - sdfBoxCenter();
    let corner = clamp(floor(0.5 * (p / half + f32(SDF_GRID))), vec3f(), vec3f(f32(SDF_GRID - 1)));
    let cell = sdfWhole(corner);
    let toPoint = p - (2. * corner + 1. - f32(SDF_GRID)) * half;
    let value = SDF_VALUE_STEP * sdfCellSteps(sdfGridStart + (cell.z * SDF_GRID + cell.y) * SDF_GRID + cell.x).x;
    // Less what is rounded off.
    let radius = SDF_STEP_SCALE * clamp(value - 0.6 * SDF_VALUE_STEP, 0., SDF_DELTA);
    let inside = radius * radius - dot(toPoint, toPoint);
    if (inside <= 0.) { break; }
    let along = dot(toPoint, direction);
    s += sqrt(along * along + inside) - along;
  }
  return s;
}

// The field at a cell's centre and at the next one's along x, in steps of SDF_VALUE_STEP.
fn sdfCellSteps(index: i32) -> vec2f {
  let word = sdfGrid[index];
  return vec2f(vec2i(word << 8u, word << 20u) >> vec2u(20u));
}

// The field as the values at the cells' centres foretell it, trilinear: a guess, free of evaluations, never a proof.
fn sdfForetell(p: vec3f) -> f32 {
  let at = clamp(((p - sdfBoxCenter()) * 0.5 / sdfBoxHalf() + 0.5) * f32(SDF_GRID) - 0.5, vec3f(), vec3f(f32(SDF_GRID) - 1.001));
  let corner = floor(at);
  let cell = sdfWhole(corner);
  let share = at - corner;
  let first = sdfGridStart + (cell.z * SDF_GRID + cell.y) * SDF_GRID + cell.x;
  let above = first + SDF_GRID * SDF_GRID;
  let low = mix(sdfCellSteps(first), sdfCellSteps(first + SDF_GRID), share.y);
  let high = mix(sdfCellSteps(above), sdfCellSteps(above + SDF_GRID), share.y);
  let both = mix(low, high, share.z);
  return SDF_VALUE_STEP * mix(both.x, both.y, share.x);
}

// Where to evaluate next, everything up to `reach` being proven: as far as the sphere foretold there still touches what is proven, but
// for a part of `SDF_GAP`, and just behind the surface foretold. `known` is the last sample: position, value, and the value foretold.
fn sdfAim(origin: vec3f, direction: vec3f, reach: f32, known: vec3f, tolerance: vec2f) -> f32 {
  // The rest of the gap is for what the grid is wrong by; with more of it used, more samples are taken back.
  let touching = reach + 0.6 * SDF_GAP;
  let about = touching + 0.6 * SDF_STEP_SCALE * min(known.y, SDF_DELTA);
  let slope = clamp((sdfForetell(origin + direction * about) + sdfInset - known.z) / (about - known.x), -1.5, 1.5);
  // Along this line from the sample on; beyond delta, distances are not to be trusted.
  let parting = (touching + SDF_STEP_SCALE * (known.y - slope * known.x)) / (1. - SDF_STEP_SCALE * slope);
  let zero = known.x + known.y / max(-slope, 0.05) + tolerance.x + tolerance.y * about;
  return max(reach, min(zero, clamp(parting, touching, touching + SDF_STEP_SCALE * SDF_DELTA)));
}

// A ray on its way: where it stands between two evaluations. In this form a ray can be put aside and taken up by any lane, as wavefront
// tracing does (see wavefront.wgsl).
struct SdfMarch {
  hit: SdfHit,
  // Where the field is to be evaluated next, or was last.
  s: f32,
  // Everything up to here is proven to lie outside.
  reach: f32,
  // The last sample outside, foretold where a leap ended; below zero while there is none.
  low: vec2f,
  // The sample beyond the surface, once there is one, and the side the last Illinois step kept.
  high: vec2f,
  // The sign that the field has until the surface; -1 on the way out of a solid that the camera is inside of.
  expected: i32,
  keptSide: i32,
  bracketed: bool,
  // The grid foretold wrongly: the next sample is where the proof ends.
  misled: bool,
};

fn sdfStart(end: f32, tolerance: vec2f) -> SdfMarch {
  return SdfMarch(SdfHit(end, SDF_DELTA, 0u, false, false, 4. * tolerance.x), 0., 0., vec2f(0., -1.), vec2f(), 1, 0, false, false);
}

// Moves on to where the field is to be evaluated next, `(*march).s`. False where the ray has come to its end.
fn sdfNext(march: ptr<function, SdfMarch>, origin: vec3f, direction: vec3f, end: f32, tolerance: vec2f) -> bool {
  if ((*march).bracketed) { return true; }
  let reach = (*march).reach;
  let expected = (*march).expected;
  var s = reach;
  // The grid knows of the zero level only, not of a surface further out.
  if (sdfInset >= 0.) { s = sdfSkipFree(origin, direction, reach, end, expected); }
  if (sdfInset >= 0. && expected > 0) { s = sdfSkipBalls(origin, direction, s, end); }
  let leapt = s > reach;
  (*march).reach = s;
  let goesOn = s < end;
  if (goesOn && expected > 0 && !(*march).misled && (leapt || (*march).low.y > 0.)) {
    let sampled = select((*march).low.x, s, leapt);
    let foretold = sdfForetell(origin + direction * sampled) + sdfInset;
    if (leapt) { (*march).low = vec2f(s, max(foretold, 1e-3)); }
    s = min(sdfAim(origin, direction, s, vec3f((*march).low, foretold), tolerance), end);
  }
  (*march).misled = false;
  (*march).s = s;
  return goesOn;
}

// Takes in the value at `(*march).s`. False where the search has ended: `(*march).hit` says whether at the surface.
fn sdfTake(march: ptr<function, SdfMarch>, value: f32, tolerance: vec2f, startsOutsideBox: bool) -> bool {
  let s = (*march).s;
  let enough = tolerance.x + tolerance.y * s;
  let isFirst = (*march).hit.evaluations == 0u;
  (*march).hit.evaluations++;
  // The nearest approach stands in for the hit of a ray that misses, so that derivatives across the silhouette stay sane.
  if (abs(value) < abs((*march).hit.value)) {
    (*march).hit.distance = s;
    (*march).hit.value = value;
  }
  let radius = SDF_STEP_SCALE * min(abs(value), SDF_DELTA);
  if ((*march).expected < 0) {
    // The camera is inside the solid: out of it first, as back face culling would have it.
    if (value > enough) { (*march).expected = 1; (*march).low = vec2f(s, value); }
    (*march).reach = s + max(radius, enough);
    return true;
  }
  let bracketed = (*march).bracketed;
  let low = (*march).low;
  if (value < 0. && !bracketed && low.y < 0.) {
    if (isFirst && s == 0.) {
      if (!startsOutsideBox) { (*march).expected = -1; (*march).hit.value = SDF_DELTA; return true; }
      (*march).hit.capped = true;
    }
    return sdfEnd(march, s, value);
  }
  // Near is not yet there: where the distance falls slowly, the surface is far along the ray, or the ray passes it by. Without this
  // condition, thin parts that a decoder barely holds grew a skin.
  let slope = select(0., (low.y - value) / (s - low.x), low.y > 0.);
  if (abs(value) < enough && (bracketed || slope > 0.25)) { return sdfEnd(march, s, value); }
  if (!bracketed && s - (*march).reach > select(radius, 0., value < 0.) + SDF_GAP) {
    (*march).misled = true;
    return true;
  }
  if (value < 0.) {
    (*march).high = vec2f(s, value);
    if (bracketed && (*march).keptSide < 0) { (*march).low.y *= 0.5; }
    (*march).keptSide = -1;
    (*march).bracketed = true;
  } else {
    (*march).low = vec2f(s, value);
    if (!bracketed) {
      (*march).reach = s + max(radius, 0.5 * enough);
      return true;
    }
    if ((*march).keptSide > 0) { (*march).high.y *= 0.5; }
    (*march).keptSide = 1;
  }
  let ends = vec4f((*march).low, (*march).high);
  (*march).s = mix(ends.x, ends.z, ends.y / (ends.y - ends.w));
  // So near the decoder is all but linear: what the normal takes, a value with its gradient, ends the search as well.
  if (abs(value) < SDF_NEAR || ends.z - ends.x < SDF_CLOSE) {
    (*march).hit.slack = 0.5 * (ends.z - ends.x);
    return sdfEnd(march, (*march).s, 0.);
  }
  return true;
}

fn sdfEnd(march: ptr<function, SdfMarch>, distance: f32, value: f32) -> bool {
  (*march).hit.distance = distance;
  (*march).hit.value = value;
  (*march).hit.found = true;
  return false;
}

// Sphere tracing with proven steps, `SDF_STEP_SCALE` of the clamped distance, lengthened by what the grid foretells (Keinert 2014,
// Balint 2018, who lengthen by the slope): a step that leaves more than `SDF_GAP` between its end's sphere and its start's is taken
// back. The gap is what keeps rays that graze a surface from creeping along it. Once the sign has changed, Illinois steps.
// `direction` is of unit length; `tolerance` the value that counts as a hit, and what it grows by per unit of length.
fn sdfMarch(origin: vec3f, direction: vec3f, end: f32, tolerance: vec2f, startsOutsideBox: bool) -> SdfHit {
  var march = sdfStart(end, tolerance);
  var goesOn = true;
  while (goesOn && march.hit.evaluations < u32(SDF_MAX_EVALUATIONS)) {
    goesOn = sdfNext(&march, origin, direction, end, tolerance);
    // Behind a branch, which software GPUs jump over where no lane takes it; a loop's body they run once more than any lane needs it.
    var value = SDF_DELTA;
    if (goesOn) { value = sdfField(origin + direction * march.s) + sdfInset; }
    if (goesOn) { goesOn = sdfTake(&march, value, tolerance, startsOutsideBox); }
  }
  return march.hit;
}

struct SdfSurface {
  // The field's gradient; where the box cuts the solid, its face's normal.
  normal: vec3f,
  // Along the ray, from its origin.
  distance: f32,
};

// One evaluation with its gradient serves the normal and a last Newton step onto the surface.
fn sdfSurface(origin: vec3f, direction: vec3f, hit: SdfHit) -> SdfSurface {
  return sdfSurfaceOf(sdfFieldGradient(origin + direction * hit.distance), origin, direction, hit);
}

fn sdfSurfaceOf(gradient: vec4f, origin: vec3f, direction: vec3f, hit: SdfHit) -> SdfSurface {
  if (hit.capped) {
    let fromCenter = (origin - sdfBoxCenter()) / sdfBoxHalf();
    let face = abs(fromCenter);
    return SdfSurface(sign(fromCenter) * vec3f(face >= vec3f(max(face.x, max(face.y, face.z)) * 0.9999)), hit.distance);
  }
  let slope = min(dot(gradient.xyz, direction), -0.25);
  return SdfSurface(gradient.xyz, hit.distance - clamp(gradient.w / slope, -hit.slack, hit.slack));
}
