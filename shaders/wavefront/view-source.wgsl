// The rays of a camera's view of one shape, and what a texel of the visibility buffer says of each: see march.wgsl. A hit: linear depth,
// octahedral world normal, the mesh's identity. A ray that passes by within a texel or two: linear depth of the nearest surface, the way to
// it on the screen, and minus the identity: where the silhouette runs.

struct SdfView {
  // A ray's origin and direction in model space, and what they change by along the screen, from -1 to 1 each.
  origin: vec3f,
  originX: vec3f,
  originY: vec3f,
  direction: vec3f,
  directionX: vec3f,
  directionY: vec3f,
  // Rows of the inverse of the world matrix.
  inverse: array<vec4f, 3>,
  // Of a point in model space: linear depth, and clip x, y and w.
  depth: vec4f,
  clipX: vec4f,
  clipY: vec4f,
  clipW: vec4f,
  // Planes in model space, whose side that is not positive is kept: near, far, and the scene's clip planes.
  planes: array<vec4f, 8>,
  // First texel, and size, of the part of the buffer that is traced.
  part: vec4u,
  // Of the whole, texels.
  size: vec2f,
  // Texels from one row to the next.
  stride: u32,
  planeCount: u32,
  identity: f32,
  // Of the full resolution: hits are as exact as a pixel asks for.
  scale: f32,
};

@group(0) @binding(4) var<uniform> sdfView: SdfView;
@group(0) @binding(5) var<storage, read_write> sdfTexels: array<vec4f>;

// Rays are handed out in blocks of 8 x 8, within them in tiles of 4 x 2, so that those of neighbouring lanes stay together.
fn sdfBlocks() -> vec2u { return (sdfView.part.zw + 7u) / 8u; }

fn sdfRayCount() -> u32 {
  let blocks = sdfBlocks();
  return 64u * blocks.x * blocks.y;
}

fn sdfTexelOf(index: u32) -> vec2u {
  let block = index / 64u;
  let across = sdfBlocks().x;
  // In place of a division of integers, which software GPUs do lane by lane; exact below 2^22.
  let row = u32(bitcast<i32>(floor((f32(block) + 0.5) / f32(across)) + 8388608.) - 0x4b000000);
  let tile = vec2u((index & 3u) | ((index >> 1u) & 4u), ((index >> 2u) & 1u) | ((index >> 3u) & 6u));
  return 8u * vec2u(block - row * across, row) + tile;
}

fn sdfScreenOf(texel: vec2u) -> vec2f {
  return 2. * (vec2f(sdfView.part.xy + texel) + 0.5) / sdfView.size - 1.;
}

// Length of the longer of two vectors, seen along a direction.
fn sdfSeenLength(a: vec3f, b: vec3f, direction: vec3f) -> f32 {
  let along = vec2f(dot(a, direction), dot(b, direction));
  let squares = vec2f(dot(a, a), dot(b, b)) - along * along;
  return sqrt(max(select(squares.x, squares.y, squares.x < squares.y), 0.));
}

// Size of a texel at the ray's own origin, and what it grows by per unit of length, model units: one or the other is nothing.
fn sdfFootprint(direction: vec3f, perUnit: f32) -> vec2f {
  let step = 2. / sdfView.size;
  let isPerspective = any(sdfView.directionX != vec3f());
  let x = select(sdfView.originX, sdfView.directionX, isPerspective) * step.x;
  let y = select(sdfView.originY, sdfView.directionY, isPerspective) * step.y;
  let size = sdfSeenLength(x, y, direction);
  return select(vec2f(size, 0.), vec2f(0., size * perUnit), isPerspective);
}

fn sdfLoadRay(index: u32) -> SdfBoxRay {
  let texel = sdfTexelOf(index);
  let screen = sdfScreenOf(texel);
  let origin = sdfView.origin + screen.x * sdfView.originX + screen.y * sdfView.originY;
  let along = sdfView.direction + screen.x * sdfView.directionX + screen.y * sdfView.directionY;
  let perUnit = inverseSqrt(dot(along, along));
  let direction = along * perUnit;
  let box = sdfBoxWindow(origin, direction);
  var window = box;
  for (var i = 0u; i < sdfView.planeCount; i++) {
    let height = dot(sdfView.planes[i], vec4f(origin, 1.));
    // A ray along the plane is kept or cut as a whole.
    let rise = dot(sdfView.planes[i].xyz, direction);
    let crossing = -height / select(rise, 1e-12, abs(rise) < 1e-12);
    window = select(vec2f(max(window.x, crossing), window.y), vec2f(window.x, min(window.y, crossing)), rise > -1e-12);
  }
  let isInside = all(texel < sdfView.part.zw);
  let footprint = sdfFootprint(direction, perUnit);
  let tolerance = vec2f(SDF_TOLERANCE, 0.) + 0.25 * sdfView.scale * vec2f(footprint.x + footprint.y * max(window.x, 0.), footprint.y);
  let length = select(-1., window.y - window.x, isInside);
  return SdfBoxRay(origin + direction * window.x, length, direction, window.x, tolerance, box.x >= window.x);
}

// Size of a texel where a ray has come to.
fn sdfTexelSize(ray: SdfBoxRay, distance: f32) -> f32 {
  return (ray.tolerance.x - SDF_TOLERANCE + ray.tolerance.y * max(distance, 0.)) / (0.25 * sdfView.scale);
}

// Where the silhouette runs is to be seen, too.
fn sdfKeepsMiss(index: u32, ray: SdfBoxRay, hit: SdfHit) -> bool {
  return hit.evaluations > 0u && hit.value <= 1.5 * sdfTexelSize(ray, hit.distance);
}

// A unit vector on the octahedron, unfolded (Meyer 2010).
fn sdfEncodeNormal(normal: vec3f) -> vec2f {
  let folded = normal.xy / (abs(normal.x) + abs(normal.y) + abs(normal.z));
  return select((1. - abs(folded.yx)) * select(vec2f(-1.), vec2f(1.), folded >= vec2f()), folded, normal.z >= 0.);
}

fn sdfClipOf(p: vec3f) -> vec2f {
  let point = vec4f(p, 1.);
  return vec2f(dot(sdfView.clipX, point), dot(sdfView.clipY, point)) / dot(sdfView.clipW, point);
}

fn sdfNoteSurface(index: u32, ray: SdfBoxRay, traced: SdfTraced) {
  let hit = traced.hit;
  let p = ray.origin + ray.direction * hit.distance;
  let normal = traced.normal.x * sdfView.inverse[0].xyz + traced.normal.y * sdfView.inverse[1].xyz + traced.normal.z * sdfView.inverse[2].xyz;
  let squared = dot(normal, normal);
  let place = sdfView.part.xy + sdfTexelOf(index);
  let at = place.y * sdfView.stride + place.x;
  // Minus or plus the identity of what is known here.
  let known = sdfTexels[at].w;
  if (hit.found) {
    let depth = dot(sdfView.depth, vec4f(p, 1.));
    if (known > 0. && abs(sdfTexels[at].x) <= abs(depth)) { return; }
    // A gradient of exactly zero (every unit dead) has no direction; up is as good as any.
    let unit = select(vec3f(0., 1., 0.), normal * inverseSqrt(max(squared, 1e-30)), squared > 1e-12);
    sdfTexels[at] = vec4f(depth, sdfEncodeNormal(unit), sdfView.identity);
    return;
  }
  // Behind whatever is hit.
  if (known != 0.) { return; }
  // A Newton step in world space, whose gradient the normal is.
  let step = -normal * max(hit.value, 0.) / max(squared, 1e-12);
  let nearest = p + vec3f(dot(sdfView.inverse[0].xyz, step), dot(sdfView.inverse[1].xyz, step), dot(sdfView.inverse[2].xyz, step));
  sdfTexels[at] = vec4f(dot(sdfView.depth, vec4f(nearest, 1.)), sdfClipOf(nearest) - sdfClipOf(p), -sdfView.identity);
}
