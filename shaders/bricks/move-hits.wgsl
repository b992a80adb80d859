// Moves hits along their rays by one Newton step on the exact decoder's distances.
struct Newton {
  count: u32,
  // The most that a distance is believed to be off by, model units.
  bound: f32,
}

struct Hit {
  // Model units.
  origin: vec3f,
  // Along the ray, in lengths of its direction.
  distance: f32,
  direction: vec3f,
  // Of the signed distance along the ray, at the hit.
  slope: f32,
}

// A ray enters; where it grazes, its slope says little and a step would be long.
const LEAST_SLOPE = 0.1;

@group(0) @binding(0) var<uniform> newton: Newton;
@group(0) @binding(1) var<storage, read> exact: array<f32>;
@group(0) @binding(2) var<storage, read_write> hits: array<Hit>;

@compute @workgroup_size(64)
fn moveHits(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.x + id.y * groups.x * 64u;
  if (index >= newton.count) { return; }
  let slope = min(hits[index].slope, -LEAST_SLOPE * length(hits[index].direction));
  hits[index].distance -= clamp(exact[index], -newton.bound, newton.bound) / slope;
}
