// The last samples of a march: where the surface lies between or beside them, and whether that is near enough to the truth. Stands on
// march-state.wgsl.

// A gradient serves as the normal this near to its own place: a third of what it is blurred over (see kink-widths.ts). Twice as near to the
// surface halves a normal's error; at 0.008 a tenth of a chair's normals were 4.2 degrees off, now 1.9, for 0.4 evaluations a pixel.
const SDF_NORMAL_NEAR = 0.004 * SDF_HALF_EXTENT;
// Two ways to foretell the surface agree, beyond the march's tolerance: half of what they differ by, and a tenth of the way from the sample.
const SDF_AGREE = 2e-4 * SDF_HALF_EXTENT;
// Trusted from a sample outside with nothing beyond it: the distance falls ever more slowly before most surfaces that rays graze.
const SDF_SHORT = 1.2e-3 * SDF_HALF_EXTENT;
// A look back is taken where the distance rises by this slope, from this near, and goes so much deeper.
const SDF_RISE = 0.1;
const SDF_DIP_NEAR = 0.5 * SDF_GAP;
const SDF_DIP_DEEPER = 0.1 * SDF_GAP;

// Where a field falls through zero that has `value` and `slope` at `s` and another value, both in `other`: by the parabola; -1 where that has
// no such place.
fn sdfParabola(s: f32, value: f32, slope: f32, other: vec2f) -> f32 {
  let t = other.x - s;
  let bend = (other.y - value - slope * t) / (t * t);
  let square = slope * slope - 4. * bend * value;
  let sum = sqrt(max(square, 0.)) - slope;
  return select(-1., s + 2. * value / sum, square >= 0. && sum > 1e-6 && t != 0.);
}

// With a gradient at hand nearby: the surface's place as the last sample and its neighbours foretell it, and whether that is near enough to
// the truth, which two ways to foretell it tell by how far they agree. x: the place, -1 where it is not to be told; y: 1 where it will do.
fn sdfSettle(march: ptr<function, SdfMarch>, value: f32, direction: vec3f, end: f32, enough: f32) -> vec2f {
  let s = (*march).s;
  let gradient = (*march).gradient;
  let slope = dot(gradient.xyz, direction);
  // A zero is outside, as in `sdfTake`: taken for inside, it would be the sample across as well, and no way would lead from one to the other.
  let isInside = value < 0.;
  let hasLow = (*march).sampled;
  // The sample across the surface.
  let isBracketed = select((*march).bracketed, hasLow, isInside);
  let across = select((*march).high, (*march).low, isInside);
  let outer = select(s, across.x, isInside);
  let inner = select(select(end, across.x, isBracketed), s, isInside);
  let chord = select(-1., s + (across.x - s) * value / (value - across.y), isBracketed);
  let falls = slope < -1e-3;
  let tangent = select(-1., s - value / slope, falls);
  var place = tangent;
  if (!(*march).aimed) {
    place = sdfParabola((*march).gradientAt, gradient.w, slope, vec2f(s, value));
  } else if (isBracketed || hasLow) {
    place = sdfParabola(s, value, slope, select((*march).low, across, isBracketed));
  }
  if (place < outer || place > inner) { place = chord; }
  let way = abs(place - s);
  if (!isBracketed) {
    let low = (*march).low;
    let fall = select((value - low.y) / (s - low.x), slope, (*march).aimed);
    let isNear = select(way < SDF_SHORT + enough && fall <= -0.1, way < 0.01 * SDF_HALF_EXTENT, isInside);
    return vec2f(place, select(0., 1., place >= 0. && isNear));
  }
  let byTangent = select(min(place - outer, inner - place), abs(place - clamp(tangent, outer, inner)), falls);
  let error = 0.5 * max(abs(place - chord), byTangent) + 0.1 * way;
  let isNear = error < SDF_AGREE + enough || (!(*march).aimed && way < SDF_SHORT + enough);
  return vec2f(place, select(0., 1., isNear));
}

// A ray that comes away from a surface, having passed it within a gap, may have dipped into a thin part there: where the rise from the last
// sample, `low`, to this one leads back to zero within the gap, the next sample is taken there.
fn sdfLookBack(march: ptr<function, SdfMarch>, value: f32) {
  let low = (*march).low;
  let s = (*march).s;
  let rise = (value - low.y) / (s - low.x);
  if (!(*march).sampled || s <= low.x || rise < SDF_RISE || low.y > SDF_DIP_NEAR * rise) { return; }
  (*march).s = max(low.x - low.y / rise - SDF_DIP_DEEPER, 0.);
  (*march).aimed = false;
  (*march).run = 1;
}

// The next sample between two of different sign: at `place`, if that is there, else by Illinois steps, which halve the weight of an end that stays.
fn sdfBracket(march: ptr<function, SdfMarch>, place: f32, narrow: f32) -> bool {
  let low = (*march).low;
  let high = (*march).high;
  let width = high.x - low.x;
  let weights = vec2f(low.y, -high.y) * exp2(-max(vec2f(-1., 1.) * f32((*march).run) - 1., vec2f()));
  var s = mix(low.x, high.x, weights.x / (weights.x + weights.y));
  if (place > low.x && place < high.x) { s = place; }
  (*march).s = s;
  let hasNormal = abs(s - (*march).gradientAt) < SDF_NORMAL_NEAR;
  // Without a gradient to come, the bracket itself must be narrow.
  let share = select(1., 0.5, (*march).byValue);
  let isClose = width < share * SDF_CLOSE || min(low.y, -high.y) < share * SDF_NEAR;
  if (((*march).byValue && isClose) || (hasNormal && width < narrow)) { return sdfEnd(march, s); }
  (*march).aimed = !hasNormal && isClose && !(*march).byValue;
  return true;
}

fn sdfEnd(march: ptr<function, SdfMarch>, distance: f32) -> bool {
  (*march).hit.distance = distance;
  (*march).hit.value = 0.;
  (*march).hit.found = true;
  return false;
}
