// Sphere tracing of a list of rays, a lane each: the functions that the fragment shader calls, as a compute kernel. The plain form of
// wavefront/march.wgsl. Stands on sphere-trace.wgsl and list-rays.wgsl.

@group(0) @binding(0) var<storage, read> sdfBias: array<vec4f>;
@group(0) @binding(1) var<storage, read> sdfGrid: array<i32>;
@group(0) @binding(2) var<storage, read> sdfRays: array<SdfRayIn>;
@group(0) @binding(3) var<storage, read_write> sdfHits: array<SdfRayHit>;

@compute @workgroup_size(64)
fn traceRays(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.x + id.y * groups.x * 64u;
  if (index >= arrayLength(&sdfRays)) { return; }
  for (var row = 0; row < SDF_BIAS_VECTORS; row++) { decoderBias[row] = sdfBias[row]; }
  let ray = sdfCutToBox(sdfRays[index]);
  sdfHits[index] = sdfHitOf(ray, sdfTrace(ray.origin, ray.direction, ray.length, ray.tolerance, ray.startsOutsideBox));
}
