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

fn sdfBlockPlace(block: u32) -> u32 { return 8u * sdfRayCount() + block; }

@compute @workgroup_size(64)
fn leapBlocks(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let count = (sdfRayCount() + 63u) / 64u;
  for (var block = id.x; block < count; block += groups.x * 64u) { sdfRings[sdfBlockPlace(block)].x = bitcast<u32>(sdfFreeLength(block)); }
}

// Leaps of neighbouring rays are alike, so that here a lane a ray is best.
@compute @workgroup_size(64)
fn startRays(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let count = sdfRayCount();
  var rays = 0u;
  for (var block = group.x; 64u * block < count; block += groups.x) {
    let free = bitcast<f32>(sdfRings[sdfBlockPlace(block)].x);
    // Past whatever a picture holds: software GPUs jump over the rest.
    let index = 64u * block + lane;
    if (free >= SDF_ENDLESS || index >= count) { continue; }
    let ray = sdfLoadRay(index);
    var march = sdfStart(ray.length, false);
    march.reach = max(free - ray.start, 0.);
    if (!sdfNext(&march, ray.origin, ray.direction, ray.length, ray.tolerance)) {
      _ = sdfKeepsMiss(index, ray, march.hit);
      continue;
    }
    rays++;
    var place = 0u;
    if (march.aimed) {
      place = sdfAimedPlace(atomicAdd(&sdfQueue.aimed, 1u));
      sdfWriteSamples(place, march);
    } else {
      place = sdfPendingPlace(atomicAdd(&sdfQueue.pending, 1u));
    }
    sdfWriteRay(place, index, march, true);
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
        let place = sdfPendingPlace(at);
        let first = sdfRings[4u * place];
        index = first.x & SDF_INDEX;
        ray = sdfLoadRay(index);
        march = sdfReadRay(first, ray.length);
        holdsRay = true;
        // After a gradient, where the next sample is to be is still open.
        isPlaced = march.gradients == 0u;
        if (!isPlaced) {
          sdfReadSamples(&march, place, first.x);
          sdfReadGradient(&march, place, first.x);
        }
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
          if (isQueued) {
            let place = sdfAimedPlace(atomicAdd(&sdfQueue.aimed, 1u));
            sdfWriteRay(place, index, march, goesOn);
            sdfWriteSamples(place, march);
            if (march.gradients > 0u) { sdfWriteGradient(place, march); }
          }
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
    let first = sdfRings[4u * place];
    let index = first.x & SDF_INDEX;
    let ray = sdfLoadRay(index);
    var march = sdfReadRay(first, ray.length);
    sdfReadSamples(&march, place, first.x);
    let sample = sdfFieldGradient(ray.origin + ray.direction * march.s);
    var goesOn = false;
    march.aimed = (first.x & SDF_ENDED) == 0u;
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
      let next = sdfPendingPlace(atomicAdd(&sdfQueue.pending, 1u));
      sdfWriteRay(next, index, march, true);
      sdfWriteSamples(next, march);
      sdfWriteGradient(next, march);
    } else {
      sdfNoteSurface(index, ray, SdfTraced(march.hit, march.gradient.xyz));
    }
    at = atomicAdd(&sdfQueue.given, 1u);
  }
  atomicSub(&sdfQueue.given, 1u);
  if (evaluations > 0u) { atomicAdd(&sdfQueue.evaluations, evaluations); }
}
