// Rays from a list, hits into one: see march.wgsl.
@group(0) @binding(4) var<storage, read> sdfRays: array<SdfRayIn>;
@group(0) @binding(5) var<storage, read_write> sdfHits: array<SdfRayHit>;

fn sdfRayCount() -> u32 { return arrayLength(&sdfRays); }

fn sdfLoadRay(index: u32) -> SdfBoxRay { return sdfCutToBox(sdfRays[index]); }

// Rays of a list have nothing to do with each other.
fn sdfFreeLength(block: u32) -> f32 { return 0.; }

// Nothing more is to be known of a ray that misses.
fn sdfKeepsMiss(index: u32, ray: SdfBoxRay, hit: SdfHit) -> bool {
  sdfHits[index] = sdfHitOf(ray, SdfTraced(hit, vec3f()));
  return false;
}

fn sdfNoteSurface(index: u32, ray: SdfBoxRay, traced: SdfTraced) {
  sdfHits[index] = sdfHitOf(ray, traced);
}
