// The rays that a pass of wavefront tracing leaves to the next: see march.wgsl. Stands on march-state.wgsl and a source of rays.

struct SdfQueue {
  // Rays that are to be marched, and how many of them were taken up.
  pending: atomic<u32>,
  marched: atomic<u32>,
  // Rays that want a gradient, and how many were given one.
  aimed: atomic<u32>,
  given: atomic<u32>,
  // Statistics: of the distance, a value with its gradient counting as two, and rays that took any.
  evaluations: atomic<u32>,
  rays: atomic<u32>,
};

// A ray that one pass leaves to the next: SdfMarch in four vectors, of which those that say nothing new are neither written nor read, since
// software GPUs store and load lane by lane.
//   0: index and flags, s, reach, low.y
//   1: evaluations and run, low.x, nearest approach: value and distance, once bracketed: high
//   2 and 3: gradient, gradientAt
// Of a ray that has ended: s is the nearest approach's distance, low.y its value.
const SDF_ENDED = 0x80000000u;
const SDF_FOUND = 0x40000000u;
const SDF_SAMPLED = 0x10000000u;
const SDF_BRACKETED = 0x08000000u;
const SDF_AIMED = 0x04000000u;
const SDF_MISLED = 0x02000000u;
const SDF_LEAVES = 0x01000000u;
// How many gradients were taken: in two bits.
const SDF_GRADIENT_SHIFT = 22u;
const SDF_INDEX = 0x003fffffu;

@group(0) @binding(2) var<storage, read_write> sdfQueue: SdfQueue;
// Two rings, as long as there are rays: of those that are to be marched, and of those that want a gradient. What is put into a ring is taken
// out of it by the next pass, and a ray is in one ring at a time: nothing is overwritten that is still to be read. And behind them a vector for
// each block of 64 rays: x, how far all of them are free.
@group(0) @binding(3) var<storage, read_write> sdfRings: array<vec4u>;

// All that a ray has to say that has leapt and taken no sample yet. `goesOn` is false of one that has ended, and wants but its normal: a hit on
// the box's own face has one, and never comes here.
fn sdfWriteRay(place: u32, index: u32, march: SdfMarch, goesOn: bool) {
  let hit = march.hit;
  let flags = select(0u, SDF_FOUND, hit.found) | select(0u, SDF_SAMPLED, march.sampled)
    | select(0u, SDF_BRACKETED, march.bracketed) | select(0u, SDF_AIMED, march.aimed) | select(0u, SDF_MISLED, march.misled)
    | select(0u, SDF_LEAVES, march.leaves) | select(SDF_ENDED, 0u, goesOn)
    | (march.gradients << SDF_GRADIENT_SHIFT);
  let on = vec3f(march.s, march.reach, march.low.y);
  sdfRings[4u * place] = vec4u(index | flags, bitcast<vec3u>(select(vec3f(hit.distance, 0., hit.value), on, goesOn)));
}

// Its samples.
fn sdfWriteSamples(place: u32, march: SdfMarch) {
  let beside = select(vec2f(march.hit.distance, march.hit.value), march.high, march.bracketed);
  let counts = march.hit.evaluations | (bitcast<u32>(march.run) << 16u);
  sdfRings[4u * place + 1u] = vec4u(counts, bitcast<vec3u>(vec3f(march.low.x, beside)));
}

// Its last gradient, which a pass of gradients replaces.
fn sdfWriteGradient(place: u32, march: SdfMarch) {
  sdfRings[4u * place + 2u] = bitcast<vec4u>(march.gradient);
  sdfRings[4u * place + 3u].x = bitcast<u32>(march.gradientAt);
}

// `first` is the first of a ray's vectors, which says whose it is, and `end` that ray's length.
fn sdfReadRay(first: vec4u, end: f32) -> SdfMarch {
  let flags = first.x;
  let values = bitcast<vec3f>(first.yzw);
  let gradients = (flags >> SDF_GRADIENT_SHIFT) & 3u;
  var march = sdfStart(end, gradients == SDF_MOST_GRADIENTS);
  march.sampled = (flags & SDF_SAMPLED) != 0u;
  march.bracketed = (flags & SDF_BRACKETED) != 0u;
  march.leaves = (flags & SDF_LEAVES) != 0u;
  march.gradients = gradients;
  march.s = values.x;
  march.reach = values.y;
  // Where the first leaps have ended, what was foretold stands in for a sample.
  march.low = values.yz;
  return march;
}

fn sdfReadSamples(march: ptr<function, SdfMarch>, place: u32, flags: u32) {
  let samples = sdfRings[4u * place + 1u];
  let values = bitcast<vec3f>(samples.yzw);
  let low = vec2f(values.x, (*march).low.y);
  let high = values.yz;
  (*march).run = bitcast<i32>(samples.x) >> 16u;
  (*march).low = low;
  (*march).high = high;
  var nearest = high;
  if ((*march).bracketed && abs(low.y) < abs(high.y)) { nearest = low; }
  if ((flags & SDF_ENDED) != 0u) { nearest = vec2f((*march).s, low.y); }
  (*march).hit = SdfHit(nearest.x, nearest.y, samples.x & 0xffffu, (flags & SDF_FOUND) != 0u, false);
}

fn sdfReadGradient(march: ptr<function, SdfMarch>, place: u32, flags: u32) {
  (*march).aimed = (flags & SDF_AIMED) != 0u;
  (*march).misled = (flags & SDF_MISLED) != 0u;
  (*march).gradient = bitcast<vec4f>(sdfRings[4u * place + 2u]);
  (*march).gradientAt = bitcast<f32>(sdfRings[4u * place + 3u].x);
}

// Place in a ring: by as many subtractions as there were rounds, since software GPUs divide integers lane by lane.
fn sdfRingPlace(at: u32, count: u32) -> u32 {
  var place = at;
  while (place >= count) { place -= count; }
  return place;
}

fn sdfPendingPlace(at: u32) -> u32 { return sdfRingPlace(at, sdfRayCount()); }

fn sdfAimedPlace(at: u32) -> u32 {
  let count = sdfRayCount();
  return count + sdfRingPlace(at, count);
}
