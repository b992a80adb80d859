// Marches one ray through one shape, in model units. Stands on `sdfField` and `sdfFieldGradient` (see field.wgsl), grid-leaps.wgsl,
// march-state.wgsl, settle.wgsl and the constants of compose-wgsl.ts.

// A step no longer than this at a slope of one, shorter where the distance falls more slowly, is foretold so well that the sample at its end
// is taken with its gradient at once. Of the others half would be too far from the surface for a normal: they find the place with a value.
// At half of it chairs take as many evaluations, smooth shapes 0.3 more.
const SDF_SURE = 0.06 * SDF_HALF_EXTENT;

// Where to evaluate next, everything up to `reach` being proven: at the surface foretold, where no more than `SDF_GAP` before it is
// unproven; else as far as the sphere foretold there still touches what is proven, but for a part of the gap. `foretold` is the slope from the
// last sample, `low`, to there, as the grid has it.
fn sdfAim(march: ptr<function, SdfMarch>, direction: vec3f, foretold: f32, end: f32, enough: f32) {
  let low = (*march).low;
  let reach = (*march).reach;
  // The rest of the gap is for what the grid is wrong by; with more of it used, more samples are taken back, and more edges passed.
  let touching = reach + 0.4 * SDF_GAP;
  var slope = clamp(foretold, -1.5, 1.5);
  if ((*march).gradientAt == low.x) { slope = dot((*march).gradient.xyz, direction); }
  // Along this line from the sample on; beyond delta, distances are not to be trusted.
  let zero = low.x + low.y / max(-slope, 0.05);
  let parting = (touching + SDF_STEP_SCALE * (low.y - slope * low.x)) / (1. - SDF_STEP_SCALE * slope);
  let last = clamp(parting, touching, touching + SDF_STEP_SCALE * SDF_DELTA);
  let meets = zero - reach <= SDF_GAP && slope < -0.05 && zero < end;
  let s = max(reach, select(min(zero + enough, last), zero, meets));
  (*march).s = min(s, end);
  let isSure = zero - low.x < SDF_SURE * -slope;
  (*march).aimed = meets && isSure && !(*march).byValue && abs(s - (*march).gradientAt) >= SDF_NORMAL_NEAR;
}

// Moves on to where the field is to be evaluated next, `(*march).s`. False where the ray has come to its end.
fn sdfNext(march: ptr<function, SdfMarch>, origin: vec3f, direction: vec3f, end: f32, tolerance: vec2f) -> bool {
  if ((*march).hit.evaluations >= u32(SDF_MAX_EVALUATIONS)) { return false; }
  if ((*march).bracketed || (*march).run != 0) { return true; }
  let before = (*march).reach;
  let expected = (*march).expected;
  var s = before;
  // The grid knows of the zero level only, not of a surface further out.
  if (sdfInset >= 0.) { s = sdfSkip(origin, direction, s, end, expected); }
  // Before its first evaluation a ray stands where leaps have led it, its block's or its own.
  let leapt = s > select(before, 0., (*march).hit.evaluations == 0u);
  (*march).s = s;
  (*march).reach = s;
  (*march).aimed = false;
  if (s < end && expected > 0 && !(*march).misled && (leapt || (*march).low.y > 0.)) {
    // Where a leap has ended, what stands in for a sample there, and the slope at it; else the slope halfway to about where the next one will be.
    let low = (*march).low;
    let about = s + 0.4 * SDF_GAP + 0.6 * SDF_STEP_SCALE * min(low.y, SDF_DELTA);
    let foretold = sdfForetell(origin + direction * select(0.5 * (low.x + about), s, leapt), direction);
    if (leapt) {
      (*march).low = vec2f(s, max(foretold.x + sdfInset, 1e-3));
      (*march).sampled = false;
    }
    sdfAim(march, direction, foretold.y, end, tolerance.x + tolerance.y * s);
  }
  (*march).misled = false;
  return s < end;
}

// Takes in the value at `(*march).s`, and where the march aimed at the surface, the gradient there. False where the search has ended:
// `(*march).hit` says whether at the surface, `(*march).gradient` then holds the normal.
fn sdfTake(march: ptr<function, SdfMarch>, sample: vec4f, direction: vec3f, end: f32, tolerance: vec2f, startsOutsideBox: bool) -> bool {
  let s = (*march).s;
  let value = sample.w + sdfInset;
  let enough = tolerance.x + tolerance.y * s;
  let isFirst = (*march).hit.evaluations == 0u;
  (*march).hit.evaluations += select(1u, 2u, (*march).aimed);
  if ((*march).aimed) {
    (*march).gradient = vec4f(sample.xyz, value);
    (*march).gradientAt = s;
    (*march).gradients++;
    (*march).byValue = (*march).gradients == SDF_MOST_GRADIENTS;
  }
  // The nearest approach stands in for the hit of a ray that misses, so that derivatives across the silhouette stay sane.
  if (abs(value) < abs((*march).hit.value)) {
    (*march).hit.distance = s;
    (*march).hit.value = value;
  }
  let radius = SDF_STEP_SCALE * min(abs(value), SDF_DELTA);
  if ((*march).expected < 0) {
    // The camera is inside the solid: out of it first, as back face culling would have it.
    if (value > enough) {
      (*march).expected = 1;
      (*march).leaves = true;
      (*march).low = vec2f(s, value);
      (*march).sampled = true;
    }
    (*march).reach = s + max(radius, enough);
    return true;
  }
  let bracketed = (*march).bracketed;
  let low = (*march).low;
  if (value < 0. && !bracketed && low.y < 0.) {
    if (isFirst && !startsOutsideBox) {
      (*march).expected = -1;
      (*march).hit.value = SDF_DELTA;
      return true;
    }
    (*march).hit.capped = true;
    return sdfEnd(march, s);
  }
  if (!bracketed && (*march).run != 0) {
    (*march).run = 0;
    if (value >= 0.) { return true; }
    (*march).low = vec2f(s, 0.);
    (*march).sampled = false;
    // A gradient that was taken since lies on the thin part's far side.
    (*march).gradientAt = -1e9;
  }
  // The place outside is foretold, no sample: where the field falls faster than was measured, it may lie inside as well.
  if (value < 0. && !(*march).sampled) {
    (*march).low = vec2f(max(min((*march).low.x, s + 2. * value), 0.), max((*march).low.y, -value));
  }
  var place = -1.;
  if (abs(s - (*march).gradientAt) < SDF_NORMAL_NEAR) {
    let settled = sdfSettle(march, value, direction, end, enough);
    if (settled.y > 0. && abs(settled.x - (*march).gradientAt) < SDF_NORMAL_NEAR) { return sdfEnd(march, settled.x); }
    place = settled.x;
  }
  // Near is not yet there: where the distance falls slowly, the surface is far along the ray, or the ray passes it by. Without this
  // condition, thin parts that a decoder barely holds grew a skin.
  let falls = low.y > 0. && (low.y - value) > 0.25 * (s - low.x);
  if ((*march).byValue && abs(value) < enough && (bracketed || falls)) { return sdfEnd(march, s); }
  if (!bracketed && s - (*march).reach > select(radius, 0., value < 0.) + SDF_GAP) {
    (*march).misled = true;
    return true;
  }
  if (value < 0.) {
    (*march).high = vec2f(s, value);
    (*march).run = min((*march).run, 0) - 1;
    (*march).bracketed = true;
  } else {
    (*march).leaves = (*march).leaves && value > low.y;
    if (!bracketed && !(*march).leaves) { sdfLookBack(march, value); }
    (*march).low = vec2f(s, value);
    (*march).sampled = true;
    if (!bracketed) {
      (*march).reach = s + max(radius, 0.5 * enough);
      return true;
    }
    (*march).run = max((*march).run, 0) + 1;
  }
  return sdfBracket(march, place, tolerance.x);
}

// Sphere tracing with proven steps, `SDF_STEP_SCALE` of the clamped distance, lengthened by what the grid foretells (Keinert 2014,
// Balint 2018, who lengthen by the slope): a step that leaves more than `SDF_GAP` between its end's sphere and its start's is taken
// back. The gap is what keeps rays that graze a surface from creeping along it. This part of it needs values alone: it walks on to where a
// gradient is wanted (true), or to the end.
// `direction` is of unit length; `tolerance` the value that counts as a hit, and what it grows by per unit of length.
fn sdfWalk(march: ptr<function, SdfMarch>, origin: vec3f, direction: vec3f, end: f32, tolerance: vec2f, startsOutsideBox: bool) -> bool {
  var goesOn = true;
  var walks = true;
  while (walks) {
    goesOn = sdfNext(march, origin, direction, end, tolerance);
    walks = goesOn && !(*march).aimed;
    // Behind a branch, which software GPUs jump over where no lane takes it; a loop's body they run once more than any lane needs it.
    var value = SDF_DELTA;
    if (walks) { value = sdfField(origin + direction * (*march).s); }
    if (walks) {
      goesOn = sdfTake(march, vec4f(0., 0., 0., value), direction, end, tolerance, startsOutsideBox);
      walks = goesOn;
    }
  }
  return goesOn;
}

// A hit told from values alone, without a normal.
fn sdfMarch(origin: vec3f, direction: vec3f, end: f32, tolerance: vec2f, startsOutsideBox: bool) -> SdfHit {
  var march = sdfStart(end, true);
  sdfWalk(&march, origin, direction, end, tolerance, startsOutsideBox);
  return march.hit;
}

// A hit with its normal. The sample that is thought to be the last is taken with its gradient, which spares the one that would say that it
// is: of a dozen hits, eleven are told with it, the others from a value or two more, or from another gradient nearer to the surface.
fn sdfTrace(origin: vec3f, direction: vec3f, end: f32, tolerance: vec2f, startsOutsideBox: bool) -> SdfTraced {
  var march = sdfStart(end, false);
  var goesOn = true;
  while (goesOn) {
    goesOn = sdfWalk(&march, origin, direction, end, tolerance, startsOutsideBox);
    let lacksNormal = !goesOn && sdfLacksNormal(march);
    var sample = march.gradient;
    if (goesOn || lacksNormal) { sample = sdfFieldGradient(origin + direction * select(march.s, march.hit.distance, lacksNormal)); }
    if (goesOn) {
      goesOn = sdfTake(&march, sample, direction, end, tolerance, startsOutsideBox);
    } else if (lacksNormal) {
      march.gradient = sample;
      march.hit.evaluations += 2u;
    }
  }
  return SdfTraced(march.hit, sdfNormalOf(march, origin));
}

// A hit without a gradient beside it. The box's face, where that cuts the solid, has a normal of its own.
fn sdfLacksNormal(march: SdfMarch) -> bool {
  return march.hit.found && !march.hit.capped && abs(march.hit.distance - march.gradientAt) >= SDF_NORMAL_NEAR;
}

fn sdfNormalOf(march: SdfMarch, origin: vec3f) -> vec3f {
  if (!march.hit.capped) { return march.gradient.xyz; }
  let fromCenter = (origin - sdfBoxCenter()) / sdfBoxHalf();
  let face = abs(fromCenter);
  return sign(fromCenter) * vec3f(face >= vec3f(max(face.x, max(face.y, face.z)) * 0.9999));
}
