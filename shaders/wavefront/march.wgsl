// Wavefront tracing (Laine, Karras, Aila 2013): rays that end at different lengths would leave most of a GPU's lanes idle, so that each
// lane takes up another ray as soon as its own has ended, and normals, dearer than distances, are a pass of their own over the hits alone.
// Stands on sphere-trace.wgsl and on a source of rays (list-source.wgsl, view-source.wgsl): `sdfRayCount`, `sdfLoadRay`, `sdfKeepsMiss`
// (whether the surface pass is to see a ray that misses), `sdfNoteSurface`.

struct SdfQueue {
  nextRay: atomic<u32>,
  hits: atomic<u32>,
  // Statistics: of the distance, and rays that took any.
  evaluations: atomic<u32>,
  rays: atomic<u32>,
};

// What the march leaves to the surface pass.
struct SdfQueuedHit {
  ray: u32,
  distance: f32,
  // The hit's slack, or the value where a ray passes by.
  rest: f32,
  // Evaluations, and the flags below.
  evaluations: u32,
};

const SDF_CAPPED = 0x80000000u;
const SDF_FOUND = 0x40000000u;

@group(0) @binding(0) var<storage, read> sdfBias: array<vec4f>;
@group(0) @binding(1) var<storage, read> sdfGrid: array<i32>;
@group(0) @binding(2) var<storage, read_write> sdfQueue: SdfQueue;
@group(0) @binding(3) var<storage, read_write> sdfQueuedHits: array<SdfQueuedHit>;

fn sdfLoadDecoder() {
  for (var row = 0; row < SDF_BIAS_VECTORS; row++) { decoderBias[row] = sdfBias[row]; }
}

fn sdfQueueHit(index: u32, hit: SdfHit) {
  let flags = select(0u, SDF_FOUND, hit.found) | select(0u, SDF_CAPPED, hit.capped);
  sdfQueuedHits[atomicAdd(&sdfQueue.hits, 1u)] = SdfQueuedHit(index, hit.distance, select(hit.value, hit.slack, hit.found), hit.evaluations | flags);
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
          march = sdfStart(ray.length, ray.tolerance);
          holdsRay = true;
        }
      }
      if (holdsRay) {
        wantsValue = sdfNext(&march, ray.origin, ray.direction, ray.length, ray.tolerance);
        if (!wantsValue) {
          if (sdfKeepsMiss(index, ray, march.hit)) { sdfQueueHit(index, march.hit); }
          rays += min(march.hit.evaluations, 1u);
          holdsRay = false;
        }
      }
    }
    if (wantsValue) {
      // The one dear line: nearly every lane of the adapter is here.
      let value = sdfField(ray.origin + ray.direction * march.s);
      evaluations++;
      if (!sdfTake(&march, value, ray.tolerance, ray.startsOutsideBox) || march.hit.evaluations >= u32(SDF_MAX_EVALUATIONS)) {
        holdsRay = false;
        rays++;
        var isQueued = march.hit.found;
        if (!isQueued) { isQueued = sdfKeepsMiss(index, ray, march.hit); }
        if (isQueued) { sdfQueueHit(index, march.hit); }
      }
    }
  }
  if (evaluations > 0u) {
    atomicAdd(&sdfQueue.evaluations, evaluations);
    atomicAdd(&sdfQueue.rays, rays);
  }
}

@compute @workgroup_size(64)
fn findSurfaces(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let count = atomicLoad(&sdfQueue.hits);
  if (id.x >= count) { return; }
  sdfLoadDecoder();
  for (var at = id.x; at < count; at += groups.x * 64u) {
    let queued = sdfQueuedHits[at];
    let ray = sdfLoadRay(queued.ray);
    let isFound = (queued.evaluations & SDF_FOUND) != 0u;
    let evaluations = queued.evaluations & ~(SDF_CAPPED | SDF_FOUND);
    sdfNoteSurface(queued.ray, ray, SdfHit(queued.distance, queued.rest, evaluations, isFound, (queued.evaluations & SDF_CAPPED) != 0u, queued.rest));
  }
}
