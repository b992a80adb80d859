// Wavefront tracing (Laine, Karras, Aila 2013): rays that end at different lengths would leave most of a GPU's lanes idle. So blocks of rays
// first leap together over what is free for all of them, most of a picture's to the end of the box. Then each ray leaps to where it wants an
// evaluation; those that do are marched by lanes that take up another ray as soon as their own has ended; a ray that aims at the surface is
// put aside: gradients, dearer than values, are a pass of their own. The one ray in nine that its gradient does not settle is marched on in
// another round of the same kernels: a decoder is compiled but twice.
// Stands on sphere-trace.wgsl and on a source of rays (list-source.wgsl, view-source.wgsl): `sdfRayCount`, `sdfLoadRay`, `sdfKeepsMiss`
// (whether a ray that misses is to be noted, with the gradient at its nearest approach), `sdfNoteSurface`, and `sdfFreeLength`, from the
// origin of each ray of a block on.

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

// A ray that one pass leaves to the next, as it stands: SdfMarch, packed.
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

// What a block that passes everything by is free for, at least.
const SDF_ENDLESS = 1e6;

@group(0) @binding(0) var<storage, read> sdfBias: array<vec4f>;
@group(0) @binding(1) var<storage, read> sdfGrid: array<i32>;
@group(0) @binding(2) var<storage, read_write> sdfQueue: SdfQueue;
// Two rings, as long as there are rays: of those that are to be marched, and of those that want a gradient. What is put into a ring is taken
// out of it by the next pass, and a ray is in one ring at a time: nothing is overwritten that is still to be read. And behind them a place for
// each block of 64 rays, whose `reach` is known to be free for all of them.
@group(0) @binding(3) var<storage, read_write> sdfQueuedRays: array<SdfQueuedRay>;

fn sdfLoadDecoder() {
  for (var row = 0; row < SDF_BIAS_VECTORS; row++) { decoderBias[row] = sdfBias[row]; }
}

// Writes a ray down, but for what it has not met with yet: software GPUs store and load lane by lane.
fn sdfPutAside(place: u32, index: u32, march: SdfMarch) {
  let hit = march.hit;
  let flags = select(0u, SDF_CAPPED, hit.capped) | select(0u, SDF_FOUND, hit.found) | select(0u, SDF_SAMPLED, march.sampled)
    | select(0u, SDF_BRACKETED, march.bracketed) | select(0u, SDF_AIMED, march.aimed) | select(0u, SDF_MISLED, march.misled)
    | select(0u, SDF_LEAVES, march.leaves) | (march.gradients << SDF_GRADIENT_SHIFT);
  let queued = &sdfQueuedRays[place];
  (*queued).ray = index;
  (*queued).evaluations = hit.evaluations | flags;
  (*queued).s = march.s;
  (*queued).reach = march.reach;
  (*queued).low = march.low;
  if (hit.evaluations > 0u) {
    (*queued).distance = hit.distance;
    (*queued).value = hit.value;
    (*queued).run = march.run;
  }
  if (march.bracketed) { (*queued).high = march.high; }
  if (march.gradients > 0u) {
    (*queued).gradient = march.gradient;
    (*queued).gradientAt = march.gradientAt;
  }
}

fn sdfTakeUp(place: u32, end: f32) -> SdfMarch {
  let queued = &sdfQueuedRays[place];
  let flags = (*queued).evaluations;
  let gradients = (flags >> SDF_GRADIENT_SHIFT) & 3u;
  var march = sdfStart(end, gradients == SDF_MOST_GRADIENTS);
  march.hit.evaluations = flags & SDF_COUNTED;
  march.hit.found = (flags & SDF_FOUND) != 0u;
  march.hit.capped = (flags & SDF_CAPPED) != 0u;
  march.gradients = gradients;
  march.low = (*queued).low;
  march.sampled = (flags & SDF_SAMPLED) != 0u;
  march.bracketed = (flags & SDF_BRACKETED) != 0u;
  march.s = (*queued).s;
  march.reach = (*queued).reach;
  march.aimed = (flags & SDF_AIMED) != 0u;
  march.misled = (flags & SDF_MISLED) != 0u;
  march.leaves = (flags & SDF_LEAVES) != 0u;
  if (march.hit.evaluations > 0u) {
    march.hit.distance = (*queued).distance;
    march.hit.value = (*queued).value;
    march.run = (*queued).run;
  }
  if (march.bracketed) { march.high = (*queued).high; }
  if (gradients > 0u) {
    march.gradient = (*queued).gradient;
    march.gradientAt = (*queued).gradientAt;
  }
  return march;
}

// Place in a ring: by as many subtractions as there were rounds, since software GPUs divide integers lane by lane.
fn sdfRingPlace(at: u32, count: u32) -> u32 {
  var place = at;
  while (place >= count) { place -= count; }
  return place;
}

fn sdfMarchPlace(at: u32) -> u32 { return sdfRingPlace(at, sdfRayCount()); }

fn sdfAimedPlace(at: u32) -> u32 { return sdfRayCount() + sdfRingPlace(at, sdfRayCount()); }

fn sdfBlockPlace(block: u32) -> u32 { return 2u * sdfRayCount() + block; }

// A ray from where its block has leapt to.
fn sdfLeaptRay(index: u32) -> SdfBoxRay {
  var ray = sdfLoadRay(index);
  let ahead = max(sdfQueuedRays[sdfBlockPlace(index / 64u)].reach - ray.start, 0.);
  ray.origin += ray.direction * ahead;
  ray.length -= ahead;
  ray.start += ahead;
  ray.tolerance.x += ray.tolerance.y * ahead;
  return ray;
}

@compute @workgroup_size(64)
fn leapBlocks(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let count = (sdfRayCount() + 63u) / 64u;
  for (var block = id.x; block < count; block += groups.x * 64u) { sdfQueuedRays[sdfBlockPlace(block)].reach = sdfFreeLength(block); }
}

// Leaps of neighbouring rays are alike, so that here a lane a ray is best.
@compute @workgroup_size(64)
fn startRays(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let count = sdfRayCount();
  var rays = 0u;
  for (var index = id.x; index < count; index += groups.x * 64u) {
    // Past whatever a picture holds: software GPUs jump over the rest.
    if (sdfQueuedRays[sdfBlockPlace(index / 64u)].reach >= SDF_ENDLESS) { continue; }
    let ray = sdfLeaptRay(index);
    var march = sdfStart(ray.length, false);
    if (!sdfNext(&march, ray.origin, ray.direction, ray.length, ray.tolerance)) {
      _ = sdfKeepsMiss(index, ray, march.hit);
      continue;
    }
    rays++;
    var place = 0u;
    if (march.aimed) {
      place = sdfAimedPlace(atomicAdd(&sdfQueue.aimed, 1u));
    } else {
      place = sdfMarchPlace(atomicAdd(&sdfQueue.pending, 1u));
    }
    sdfPutAside(place, index, march);
  }
  if (rays > 0u) { atomicAdd(&sdfQueue.rays, rays); }
}

@compute @workgroup_size(64)
fn marchRays() {
  let count = atomicLoad(&sdfQueue.pending);
  // More lanes than rays left: those that come late do not even set out.
  if (atomicLoad(&sdfQueue.marched) >= count) { return; }
  sdfLoadDecoder();
  var index = 0u;
  var ray: SdfBoxRay;
  var march: SdfMarch;
  var evaluations = 0u;
  var holdsRay = false;
  var isPlaced = false;
  var isEmpty = false;
  while (!isEmpty) {
    if (!holdsRay) {
      let at = atomicAdd(&sdfQueue.marched, 1u);
      isEmpty = at >= count;
      if (isEmpty) {
        // The next round goes on from here.
        atomicSub(&sdfQueue.marched, 1u);
      } else {
        let place = sdfMarchPlace(at);
        index = sdfQueuedRays[place].ray;
        ray = sdfLeaptRay(index);
        march = sdfTakeUp(place, ray.length);
        holdsRay = true;
        // After a gradient, where the next sample is to be is still open.
        isPlaced = march.gradients == 0u;
      }
    }
    // The one dear line. Almost every lane has a ray here, and without a branch around it software GPUs keep the weights at hand.
    let value = sdfField(ray.origin + ray.direction * march.s);
    if (holdsRay) {
      var goesOn = true;
      if (isPlaced) {
        evaluations++;
        goesOn = sdfTake(&march, vec4f(0., 0., 0., value), ray.direction, ray.length, ray.tolerance, ray.startsOutsideBox);
      }
      if (goesOn) { goesOn = sdfNext(&march, ray.origin, ray.direction, ray.length, ray.tolerance); }
      isPlaced = true;
      if (!goesOn || march.aimed) {
        holdsRay = false;
        if (march.hit.found && !sdfLacksNormal(march)) {
          sdfNoteSurface(index, ray, SdfTraced(march.hit, sdfNormalOf(march, ray.origin)));
        } else {
          var isQueued = goesOn || march.hit.found;
          if (!isQueued) { isQueued = sdfKeepsMiss(index, ray, march.hit); }
          if (isQueued) { sdfPutAside(sdfAimedPlace(atomicAdd(&sdfQueue.aimed, 1u)), index, march); }
        }
      }
    }
  }
  if (evaluations > 0u) { atomicAdd(&sdfQueue.evaluations, evaluations); }
}

// The samples at the surfaces aimed at, and the gradients at what was found without one and at the nearest approaches of rays that pass by.
@compute @workgroup_size(64)
fn takeGradients() {
  let count = atomicLoad(&sdfQueue.aimed);
  if (atomicLoad(&sdfQueue.given) >= count) { return; }
  sdfLoadDecoder();
  var evaluations = 0u;
  var at = atomicAdd(&sdfQueue.given, 1u);
  while (at < count) {
    let place = sdfAimedPlace(at);
    let index = sdfQueuedRays[place].ray;
    let ray = sdfLeaptRay(index);
    var march = sdfTakeUp(place, ray.length);
    let sample = sdfFieldGradient(ray.origin + ray.direction * select(march.hit.distance, march.s, march.aimed));
    var goesOn = false;
    if (march.aimed) {
      goesOn = sdfTake(&march, sample, ray.direction, ray.length, ray.tolerance, ray.startsOutsideBox);
      evaluations += 2u;
    } else {
      march.gradient = sample;
      if (march.hit.found) {
        march.hit.evaluations += 2u;
        evaluations += 2u;
      }
    }
    if (goesOn) {
      sdfPutAside(sdfMarchPlace(atomicAdd(&sdfQueue.pending, 1u)), index, march);
    } else {
      sdfNoteSurface(index, ray, SdfTraced(march.hit, sdfNormalOf(march, ray.origin)));
    }
    at = atomicAdd(&sdfQueue.given, 1u);
  }
  atomicSub(&sdfQueue.given, 1u);
  if (evaluations > 0u) { atomicAdd(&sdfQueue.evaluations, evaluations); }
}
