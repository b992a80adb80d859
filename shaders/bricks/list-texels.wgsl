// The hits of one shape among a view's texels, as a list for move-hits.wgsl to move, and back into their texels. Stands on a decoder in
// bricks, on box-ray.wgsl and on wavefront/view-source.wgsl.
struct SdfListedHit {
  // As move-hits.wgsl has them.
  origin: vec3f,
  distance: f32,
  direction: vec3f,
  slope: f32,
};

struct SdfTexelList {
  count: atomic<u32>,
  // Of each hit: its texel, and how far its ray goes on being seen.
  places: array<vec2u>,
};

@group(0) @binding(0) var<storage, read> sdfBias: array<vec4f>;
// The march, which is not run here, reads it.
@group(0) @binding(1) var<storage, read> sdfGrid: array<i32>;
@group(0) @binding(2) var<storage, read_write> sdfListed: array<SdfListedHit>;
@group(0) @binding(3) var<storage, read_write> sdfList: SdfTexelList;

@compute @workgroup_size(64)
fn listTexels(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.x + id.y * groups.x * 64u;
  if (index >= sdfRayCount()) { return; }
  let texel = sdfTexelOf(index);
  if (any(texel >= sdfView.part.zw)) { return; }
  let place = sdfView.part.xy + texel;
  let at = place.y * sdfView.stride + place.x;
  let known = sdfTexels[at];
  if (known.w != sdfView.identity) { return; }
  let ray = sdfLoadRay(index);
  let distance = (known.x - dot(sdfView.depth, vec4f(ray.origin, 1.))) / dot(sdfView.depth.xyz, ray.direction);
  // Where a plane or the box cuts the solid, the cut is what is seen.
  if (distance <= ray.tolerance.x) { return; }
  decoderBias[0] = sdfBias[0];
  let slope = dot(decoderGradient(ray.origin + ray.direction * distance).xyz, ray.direction);
  let slot = atomicAdd(&sdfList.count, 1u);
  sdfListed[slot] = SdfListedHit(ray.origin, distance, ray.direction, slope);
  sdfList.places[slot] = vec2u(at, bitcast<u32>(ray.length));
}

@compute @workgroup_size(64)
fn writeTexels(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slot = id.x + id.y * groups.x * 64u;
  if (slot >= atomicLoad(&sdfList.count)) { return; }
  let place = sdfList.places[slot];
  let hit = sdfListed[slot];
  let p = hit.origin + hit.direction * clamp(hit.distance, 0., bitcast<f32>(place.y));
  sdfTexels[place.x].x = dot(sdfView.depth, vec4f(p, 1.));
}
