// A list of rays, and the hits that are found along them. Stands on box-ray.wgsl.

struct SdfRayIn {
  // Model units; anywhere, inside the box too.
  origin: vec3f,
  // How far to search, model units.
  length: f32,
  // Of unit length.
  direction: vec3f,
  // Pixel size that the ray stands for, model units per unit of its length; 0 for a ray of its own.
  spread: f32,
};

struct SdfRayHit {
  // The field's gradient at the hit, of unit length; on the box's own face, its normal.
  normal: vec3f,
  // From the ray's origin, model units.
  distance: f32,
  evaluations: u32,
  // 0: missed, 1: hit.
  found: u32,
};

fn sdfCutToBox(ray: SdfRayIn) -> SdfBoxRay {
  let window = sdfBoxWindow(ray.origin, ray.direction);
  let start = max(window.x, 0.);
  let end = min(ray.length, window.y);
  let tolerance = vec2f(SDF_TOLERANCE, 0.) + 0.25 * ray.spread * vec2f(start, 1.);
  return SdfBoxRay(ray.origin + ray.direction * start, end - start, ray.direction, start, tolerance, window.x >= 0.);
}

fn sdfHitOf(ray: SdfBoxRay, traced: SdfTraced) -> SdfRayHit {
  let hit = traced.hit;
  if (!hit.found) { return SdfRayHit(vec3f(), ray.start + hit.distance, hit.evaluations, 0u); }
  let normal = traced.normal * inverseSqrt(max(dot(traced.normal, traced.normal), 1e-24));
  return SdfRayHit(normal, ray.start + hit.distance, hit.evaluations, 1u);
}
