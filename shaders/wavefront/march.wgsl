// Wavefront tracing (Laine, Karras, Aila 2013): rays that end at different lengths would leave most of a GPU's lanes idle. So each ray first
// leaps to where it wants an evaluation, which most rays of a picture never do; those that do are marched by lanes that take up another ray
// as soon as their own has ended; a ray that aims at the surface is put aside again: gradients, dearer than values, are a pass of their own,
// and the one ray in six that its gradient does not settle has its last values in another.
// Stands on sphere-trace.wgsl and on a source of rays (list-source.wgsl, view-source.wgsl): `sdfRayCount`, `sdfLoadRay`, `sdfKeepsMiss`
// (whether a ray that misses is to be noted, with the gradient at its nearest approach), `sdfNoteSurface`.

struct SdfQueue {
  pending: atomic<u32>,
  // Of those, how many were taken up.
  taken: atomic<u32>,
  aimed: atomic<u32>,
  unsettled: atomic<u32>,
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
// A third each for rays that are to be marched, for those that aim, and for those that are not settled.
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

fn sdfQueueAimed(index: u32, march: SdfMarch) {
  sdfQueuedRays[sdfRayCount() + atomicAdd(&sdfQueue.aimed, 1u)] = sdfPackRay(index, march);
}

// Leaps of neighbouring rays are alike, so that here a lane a ray is best.
@compute @workgroup_size(64)
fn startRays(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let count = sdfRayCount();
  var rays = 0u;
  for (var index = id.x; index < count; index += groups.x * 64u) {
    let ray = sdfLoadRay(index);
    var march = sdfStart(ray.length, false);
    if (!sdfNext(&march, ray.origin, ray.direction, ray.length, ray.tolerance)) {
      _ = sdfKeepsMiss(index, ray, march.hit);
      continue;
    }
    rays++;
    if (march.aimed) {
      sdfQueueAimed(index, march);
    } else {
      sdfQueuedRays[atomicAdd(&sdfQueue.pending, 1u)] = sdfPackRay(index, march);
    }
  }
  if (rays > 0u) { atomicAdd(&sdfQueue.rays, rays); }
}

@compute @workgroup_size(64)
fn marchRays() {
  let count = atomicLoad(&sdfQueue.pending);
  // More lanes than rays left: those that come late do not even set out.
  if (atomicLoad(&sdfQueue.taken) >= count) { return; }
  sdfLoadDecoder();
  var index = 0u;
  var ray: SdfBoxRay;
  var march: SdfMarch;
  var evaluations = 0u;
  var holdsRay = false;
  var isEmpty = false;
  while (!isEmpty) {
    if (!holdsRay) {
      let at = atomicAdd(&sdfQueue.taken, 1u);
      isEmpty = at >= count;
      if (!isEmpty) {
        let queued = sdfQueuedRays[at];
        index = queued.ray;
        ray = sdfLoadRay(index);
        march = sdfUnpackMarch(queued, ray.length);
        holdsRay = true;
      }
    }
    if (holdsRay) {
      // The one dear line: every lane of the adapter that has a ray is here.
      let value = sdfField(ray.origin + ray.direction * march.s);
      evaluations++;
      var goesOn = sdfTake(&march, vec4f(0., 0., 0., value), ray.direction, ray.length, ray.tolerance, ray.startsOutsideBox);
      if (goesOn) { goesOn = sdfNext(&march, ray.origin, ray.direction, ray.length, ray.tolerance); }
      if (!goesOn || march.aimed) {
        holdsRay = false;
        // Found without a gradient: the box cuts the solid.
        var isQueued = goesOn || march.hit.found;
        if (!isQueued) { isQueued = sdfKeepsMiss(index, ray, march.hit); }
        if (isQueued) { sdfQueueAimed(index, march); }
      }
    }
  }
  if (evaluations > 0u) { atomicAdd(&sdfQueue.evaluations, evaluations); }
}

// The samples at the surfaces aimed at, and at the nearest approaches of rays that pass by.
@compute @workgroup_size(64)
fn takeGradients(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let count = atomicLoad(&sdfQueue.aimed);
  if (id.x >= count) { return; }
  sdfLoadDecoder();
  var evaluations = 0u;
  for (var at = id.x; at < count; at += groups.x * 64u) {
    let queued = sdfQueuedRays[sdfRayCount() + at];
    let ray = sdfLoadRay(queued.ray);
    var march = sdfUnpackMarch(queued, ray.length);
    let place = select(march.hit.distance, march.s, march.aimed);
    let sample = sdfFieldGradient(ray.origin + ray.direction * place);
    if (march.aimed) {
      evaluations += 2u;
      if (sdfTake(&march, sample, ray.direction, ray.length, ray.tolerance, ray.startsOutsideBox)) {
        sdfQueuedRays[2u * sdfRayCount() + atomicAdd(&sdfQueue.unsettled, 1u)] = sdfPackRay(queued.ray, march);
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
    let queued = sdfQueuedRays[2u * sdfRayCount() + at];
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
