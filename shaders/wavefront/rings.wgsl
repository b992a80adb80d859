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

// A ray that one pass leaves to the next, as it stands: SdfMarch, packed. Read and written whole: where only what a ray has met with was, 4 % faster
// in Mesa's software GPU, Chromium's was lost while it compiled.
struct SdfQueuedRay {
  gradient: vec4f,
  low: vec2f,
  high: vec2f,
  s: f32,
  reach: f32,
  // Of the nearest approach.
  distance: f32,
  value: f32,
  gradientAt: f32,
  run: i32,
  ray: u32,
  // And the flags below.
  evaluations: u32,
};

const SDF_CAPPED = 0x80000000u;
const SDF_FOUND = 0x40000000u;
const SDF_SAMPLED = 0x20000000u;
const SDF_BRACKETED = 0x10000000u;
const SDF_AIMED = 0x08000000u;
const SDF_MISLED = 0x04000000u;
const SDF_LEAVES = 0x00800000u;
// How many gradients were taken: in two bits.
const SDF_GRADIENT_SHIFT = 24u;
const SDF_COUNTED = 0x007fffffu;

@group(0) @binding(2) var<storage, read_write> sdfQueue: SdfQueue;
// Two rings, as long as there are rays: of those that are to be marched, and of those that want a gradient. What is put into a ring is taken
// out of it by the next pass, and a ray is in one ring at a time: nothing is overwritten that is still to be read. And behind them a place for
// each block of 64 rays, whose `reach` is known to be free for all of them.
@group(0) @binding(3) var<storage, read_write> sdfQueuedRays: array<SdfQueuedRay>;

fn sdfPackRay(index: u32, march: SdfMarch) -> SdfQueuedRay {
  let hit = march.hit;
  let flags = select(0u, SDF_CAPPED, hit.capped) | select(0u, SDF_FOUND, hit.found) | select(0u, SDF_SAMPLED, march.sampled)
    | select(0u, SDF_BRACKETED, march.bracketed) | select(0u, SDF_AIMED, march.aimed) | select(0u, SDF_MISLED, march.misled)
    | select(0u, SDF_LEAVES, march.leaves) | (march.gradients << SDF_GRADIENT_SHIFT);
  return SdfQueuedRay(march.gradient, march.low, march.high, march.s, march.reach, hit.distance, hit.value, march.gradientAt, march.run,
    index, hit.evaluations | flags);
}

fn sdfUnpackMarch(queued: SdfQueuedRay, end: f32) -> SdfMarch {
  let flags = queued.evaluations;
  let gradients = (flags >> SDF_GRADIENT_SHIFT) & 3u;
  var march = sdfStart(end, gradients == SDF_MOST_GRADIENTS);
  march.hit = SdfHit(queued.distance, queued.value, flags & SDF_COUNTED, (flags & SDF_FOUND) != 0u, (flags & SDF_CAPPED) != 0u);
  march.gradient = queued.gradient;
  march.gradientAt = queued.gradientAt;
  march.gradients = gradients;
  march.low = queued.low;
  march.sampled = (flags & SDF_SAMPLED) != 0u;
  march.high = queued.high;
  march.bracketed = (flags & SDF_BRACKETED) != 0u;
  march.run = queued.run;
  march.s = queued.s;
  march.reach = queued.reach;
  march.aimed = (flags & SDF_AIMED) != 0u;
  march.misled = (flags & SDF_MISLED) != 0u;
  march.leaves = (flags & SDF_LEAVES) != 0u;
  return march;
}

// Place in a ring: by as many subtractions as there were rounds, since software GPUs divide integers lane by lane.
fn sdfRingPlace(at: u32, count: u32) -> u32 {
  var place = at;
  while (place >= count) { place -= count; }
  return place;
}

fn sdfQueueToMarch(queued: SdfQueuedRay) {
  let count = sdfRayCount();
  sdfQueuedRays[sdfRingPlace(atomicAdd(&sdfQueue.pending, 1u), count)] = queued;
}

fn sdfQueueAimed(queued: SdfQueuedRay) {
  let count = sdfRayCount();
  sdfQueuedRays[count + sdfRingPlace(atomicAdd(&sdfQueue.aimed, 1u), count)] = queued;
}
