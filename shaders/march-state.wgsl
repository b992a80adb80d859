// A ray on its way through one shape, and what it comes to. Stands on the constants of compose-wgsl.ts.

// How far inside the zero level the surface is taken to lie, model units: a light's normal bias; outside where negative, an outline.
var<private> sdfInset: f32;

struct SdfHit {
  // Along the ray, from its origin.
  distance: f32,
  // Of a ray that misses, the least value it met with; 0 at the surface.
  value: f32,
  // A value with its gradient counts as two.
  evaluations: u32,
  found: bool,
  // The ray entered the box inside the shape: the surface there is the box's own face.
  capped: bool,
};

// A ray that so many gradients have not settled is told from values.
const SDF_MOST_GRADIENTS = 3u;

// A ray on its way: where it stands between two evaluations. In this form a ray can be put aside and taken up by any lane, as wavefront
// tracing does.
struct SdfMarch {
  hit: SdfHit,
  // Where the field is to be evaluated next, or was last.
  s: f32,
  // The next sample is thought to lie at the surface: its gradient, which the normal takes, is wanted with its value.
  aimed: bool,
  // Only values are to be had, as in a shadow map: the end is told from them.
  byValue: bool,
  // The last sample taken with its gradient (w: its value), and where; far off while there is none. And how many there were.
  gradient: vec4f,
  gradientAt: f32,
  gradients: u32,
  // Everything up to here is proven to lie outside.
  reach: f32,
  // The last sample outside, place and value; foretold, not sampled, where a leap ended; below zero while there is none.
  low: vec2f,
  sampled: bool,
  // The sample beyond the surface, once there is one.
  high: vec2f,
  bracketed: bool,
  // How often in a row the bracket's outer (positive) or inner end (negative) has moved; without a bracket, not 0 where the next sample
  // looks back.
  run: i32,
  // The sign that the field has until the surface; -1 on the way out of a solid that the camera is inside of.
  expected: i32,
  // The grid foretold wrongly: the next sample is where the proof ends.
  misled: bool,
  // Coming out of a solid, the distance rises from a surface that is not to be looked back at.
  leaves: bool,
};

fn sdfStart(end: f32, byValue: bool) -> SdfMarch {
  let hit = SdfHit(end, SDF_DELTA, 0u, false, false);
  return SdfMarch(hit, 0., false, byValue, vec4f(), -1e9, 0u, 0., vec2f(0., -1.), false, vec2f(), false, 0, 1, false, false);
}

struct SdfTraced {
  hit: SdfHit,
  // The field's gradient; where the box cuts the solid, its face's normal.
  normal: vec3f,
};
