// Wavefront tracing (Laine, Karras, Aila 2013): rays that end at different lengths would leave most of a GPU's lanes idle. So blocks of rays
// first leap together over what is free for all of them, most of a picture's to the end of the box. Then each ray leaps to where it wants an
// evaluation; those that do are marched by lanes that take up another ray as soon as their own has ended; a ray that aims at the surface is
// put aside: gradients, dearer than values, are a pass of their own. The one ray in five that its gradient does not settle is marched on in
// another round of the same kernels: a decoder is compiled but twice.
// Stands on sphere-trace.wgsl, rings.wgsl and on a source of rays (list-source.wgsl, view-source.wgsl): `sdfRayCount`, `sdfLoadRay`,
// `sdfKeepsMiss` (whether a ray that misses is to be noted, with the gradient at its nearest approach), `sdfNoteSurface`, and
// `sdfFreeLength`, from the origin of each ray of a block on.

// What a block that passes everything by is free for, at least.
const SDF_ENDLESS = 1e6;

@group(0) @binding(0) var<storage, read> sdfBias: array<vec4f>;
@group(0) @binding(1) var<storage, read> sdfGrid: array<i32>;

fn sdfLoadDecoder() {
  for (var row = 0; row < SDF_BIAS_VECTORS; row++) { decoderBias[row] = sdfBias[row]; }
}

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
    let queued = sdfPackRay(index, march);
    if (march.aimed) {
      sdfQueueAimed(queued);
    } else {
      sdfQueueToMarch(queued);
    }
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
        let queued = sdfQueuedRays[sdfRingPlace(at, sdfRayCount())];
        index = queued.ray;
        ray = sdfLeaptRay(index);
        march = sdfUnpackMarch(queued, ray.length);
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
          if (isQueued) { sdfQueueAimed(sdfPackRay(index, march)); }
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
  let rays = sdfRayCount();
  var evaluations = 0u;
  var at = atomicAdd(&sdfQueue.given, 1u);
  while (at < count) {
    let queued = sdfQueuedRays[rays + sdfRingPlace(at, rays)];
    let ray = sdfLeaptRay(queued.ray);
    var march = sdfUnpackMarch(queued, ray.length);
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
      sdfQueueToMarch(sdfPackRay(queued.ray, march));
    } else {
      sdfNoteSurface(queued.ray, ray, SdfTraced(march.hit, sdfNormalOf(march, ray.origin)));
    }
    at = atomicAdd(&sdfQueue.given, 1u);
  }
  atomicSub(&sdfQueue.given, 1u);
  if (evaluations > 0u) { atomicAdd(&sdfQueue.evaluations, evaluations); }
}
