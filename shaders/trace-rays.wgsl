// Sphere tracing of a list of rays: the functions that the fragment shader calls, as a compute kernel. Stands on sphere-trace.wgsl.

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

@group(0) @binding(0) var<storage, read> sdfBias: array<vec4f>;
@group(0) @binding(1) var<storage, read> sdfGrid: array<i32>;
@group(0) @binding(2) var<storage, read> sdfRays: array<SdfRayIn>;
@group(0) @binding(3) var<storage, read_write> sdfHits: array<SdfRayHit>;

@compute @workgroup_size(64)
fn traceRays(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.x + id.y * groups.x * 64u;
  if (index >= arrayLength(&sdfRays)) { return; }
  for (var row = 0; row < SDF_BIAS_VECTORS; row++) { decoderBias[row] = sdfBias[row]; }
  let ray = sdfRays[index];
  let fromCenter = ray.origin - sdfBoxCenter();
  // Slabs; a direction of zero is moved off it.
  let safe = select(ray.direction, vec3f(1e-7), abs(ray.direction) < vec3f(1e-7));
  let toFaces = (sdfBoxHalf() * sign(safe) - fromCenter) / safe;
  let fromFaces = (-sdfBoxHalf() * sign(safe) - fromCenter) / safe;
  let entry = max(fromFaces.x, max(fromFaces.y, fromFaces.z));
  let start = max(entry, 0.);
  let end = min(ray.length, min(toFaces.x, min(toFaces.y, toFaces.z)));
  let origin = ray.origin + ray.direction * start;
  let tolerance = vec2f(SDF_TOLERANCE, 0.) + 0.25 * ray.spread * vec2f(start, 1.);
  let traced = sdfTrace(origin, ray.direction, end - start, tolerance, entry >= 0., false);
  var hit = SdfRayHit(vec3f(), start + traced.hit.distance, traced.hit.evaluations, u32(traced.hit.found));
  if (traced.hit.found) { hit.normal = traced.surface.normal * inverseSqrt(max(dot(traced.surface.normal, traced.surface.normal), 1e-24)); }
  sdfHits[index] = hit;
}
