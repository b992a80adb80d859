// Wavefront tracing (Laine, Karras, Aila 2013): rays that end at different lengths would leave most of a GPU's lanes idle, so that each
// lane takes up another ray as soon as its own has ended. A ray that aims at the surface is put aside: gradients, dearer than values, are a
// pass of their own over those rays alone, and the one in six that the gradient does not settle has its last values in a third.
// Stands on sphere-trace.wgsl and on a source of rays (list-source.wgsl, view-source.wgsl): `sdfRayCount`, `sdfLoadRay`, `sdfKeepsMiss`
// (whether a ray that misses is to be noted, with the gradient at its nearest approach), `sdfNoteSurface`.

struct SdfQueue {
  nextRay: atomic<u32>,
  aimed: atomic<u32>,
  unsettled: atomic<u32>,
  spare: u32,
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
const SDF_COUNTED = 0x03ffffffu;

@group(0) @binding(0) var<storage, read> sdfBias: array<vec4f>;
@group(0) @binding(1) var<storage, read> sdfGrid: array<i32>;
@group(0) @binding(2) var<storage, read_write> sdfQueue: SdfQueue;
// Those that aim, then those that are not settled.
@group(0) @binding(3) var<storage, read_write> sdfQueuedRays: array<SdfQueuedRay>;

fn sdfLoadDecoder() {
  for (var row = 0; row < SDF_BIAS_VECTORS; row++) { decoderBias[row] = sdfBias[row]; }
}

fn sdfPackRay(index: u32, march: SdfMarch) -> SdfQueuedRay {
  let hit = march.hit;
  let flags = select(0u, SDF_CAPPED, hit.capped) | select(0u, SDF_FOUND, hit.found) | select(0u, SDF_SAMPLED, march.sampled)
    | select(0u, SDF_BRACKETED, march.bracketed) | select(0u, SDF_AIMED, march.aimed) | select(0u, SDF_MISLED, march.misled);
  return SdfQueuedRay(march.gradient, march.low, march.high, march.s, march.reach, hit.distance, hit.value, march.gradientAt, march.run,
    index, hit.evaluations | flags);
}

fn sdfUnpackMarch(queued: SdfQueuedRay, end: f32) -> SdfMarch {
  let flags = queued.evaluations;
  var march = sdfStart(end, false);
  march.hit = SdfHit(queued.distance, queued.value, flags & SDF_COUNTED, (flags & SDF_FOUND) != 0u, (flags & SDF_CAPPED) != 0u);
  march.gradient = queued.gradient;
  march.gradientAt = queued.gradientAt;
  march.low = queued.low;
  march.sampled = (flags & SDF_SAMPLED) != 0u;
  march.high = queued.high;
  march.bracketed = (flags & SDF_BRACKETED) != 0u;
  march.run = queued.run;
  march.s = queued.s;
  march.reach = queued.reach;
  march.aimed = (flags & SDF_AIMED) != 0u;
  march.misled = (flags & SDF_MISLED) != 0u;
  return march;
}

fn sdfQueueRay(index: u32, march: SdfMarch) {
  sdfQueuedRays[atomicAdd(&sdfQueue.aimed, 1u)] = sdfPackRay(index, march);
}

@compute @workgroup_size(64)
fn marchRays() {
  let count = sdfRayCount();
  // More lanes than rays left: those that come late do not even set out.
  if (atomicLoad(&sdfQueue.nextRay) >= count) { return; }
  sdfLoadDecoder();
  var index = 0u;
  var ray: SdfBoxRay;
  var march: SdfMarch;
  var evaluations = 0u;
  var rays = 0u;
  var holdsRay = false;
  var isEmpty = false;
  while (!isEmpty) {
    // Cheap, and of unequal length: on to a ray that wants an evaluation, and to where.
    var wantsValue = false;
    while (!wantsValue && !isEmpty) {
      if (!holdsRay) {
        index = atomicAdd(&sdfQueue.nextRay, 1u);
        isEmpty = index >= count;
        if (!isEmpty) {
          ray = sdfLoadRay(index);
          march = sdfStart(ray.length, false);
          holdsRay = true;
        }
      }
      if (holdsRay) {
        let goesOn = sdfNext(&march, ray.origin, ray.direction, ray.length, ray.tolerance);
        wantsValue = goesOn && !march.aimed;
        if (!wantsValue) {
          var isQueued = goesOn;
          if (!isQueued) { isQueued = sdfKeepsMiss(index, ray, march.hit); }
          if (isQueued) { sdfQueueRay(index, march); }
          rays += select(min(march.hit.evaluations, 1u), 1u, goesOn);
          holdsRay = false;
        }
      }
    }
    if (wantsValue) {
      // The one dear line: nearly every lane of the adapter is here.
      let value = sdfField(ray.origin + ray.direction * march.s);
      evaluations++;
      if (!sdfTake(&march, vec4f(0., 0., 0., value), ray.direction, ray.length, ray.tolerance, ray.startsOutsideBox)) {
        // No gradient was to be had here: the box cuts the solid.
        holdsRay = false;
        rays++;
        sdfQueueRay(index, march);
      }
    }
  }
  if (rays > 0u) {
    atomicAdd(&sdfQueue.evaluations, evaluations);
    atomicAdd(&sdfQueue.rays, rays);
  }
}

// The samples at the surfaces aimed at, and at the nearest approaches of rays that pass by.
@compute @workgroup_size(64)
fn takeGradients(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let count = atomicLoad(&sdfQueue.aimed);
  if (id.x >= count) { return; }
  sdfLoadDecoder();
  var evaluations = 0u;
  for (var at = id.x; at < count; at += groups.x * 64u) {
    let queued = sdfQueuedRays[at];
    let ray = sdfLoadRay(queued.ray);
    var march = sdfUnpackMarch(queued, ray.length);
    let place = select(march.hit.distance, march.s, march.aimed);
    let sample = sdfFieldGradient(ray.origin + ray.direction * place);
    if (march.aimed) {
      evaluations += 2u;
      if (sdfTake(&march, sample, ray.direction, ray.length, ray.tolerance, ray.startsOutsideBox)) {
        sdfQueuedRays[sdfRayCount() + atomicAdd(&sdfQueue.unsettled, 1u)] = sdfPackRay(queued.ray, march);
        continue;
      }
    } else {
      march.gradient = sample;
    }
    sdfNoteSurface(queued.ray, ray, SdfTraced(march.hit, sdfNormalOf(march, ray.origin)));
  }
  atomicAdd(&sdfQueue.evaluations, evaluations);
}

@compute @workgroup_size(64)
fn settleRays(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let count = atomicLoad(&sdfQueue.unsettled);
  if (id.x >= count) { return; }
  sdfLoadDecoder();
  var evaluations = 0u;
  for (var at = id.x; at < count; at += groups.x * 64u) {
    let queued = sdfQueuedRays[sdfRayCount() + at];
    let ray = sdfLoadRay(queued.ray);
    let march = sdfUnpackMarch(queued, ray.length);
    let traced = sdfTraceOn(march, ray.origin, ray.direction, ray.length, ray.tolerance, ray.startsOutsideBox, true);
    evaluations += traced.hit.evaluations - march.hit.evaluations;
    var isNoted = traced.hit.found;
    if (!isNoted) { isNoted = sdfKeepsMiss(queued.ray, ray, traced.hit); }
    if (isNoted) { sdfNoteSurface(queued.ray, ray, traced); }
  }
  atomicAdd(&sdfQueue.evaluations, evaluations);
}
