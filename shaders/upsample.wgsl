// In place of a march: the surface between the four nearest texels of the visibility texture (see wavefront/view-source.wgsl).
uniform sdfIdentity: f32;
var sdfVisibility: texture_2d<f32>;

struct SdfSurface {
  // Along the fragment's ray, from its origin, model units.
  distance: f32,
  found: bool,
  // World space.
  normal: vec3f,
};

fn sdfDecodeNormal(code: vec2f) -> vec3f {
  let up = 1. - abs(code.x) - abs(code.y);
  let folded = select((1. - abs(code.yx)) * select(vec2f(-1.), vec2f(1.), code >= vec2f()), code, up >= 0.);
  return normalize(vec3f(folded, up));
}

// The world point of linear depth `depth` at a place on the screen (Cramer's rule on three planes).
fn sdfUnproject(screen: vec2f, depth: f32) -> vec3f {
  let rows = transpose(scene.viewProjection);
  let a = rows[0] - screen.x * rows[3];
  let b = rows[1] - screen.y * rows[3];
  let c = transpose(scene.view)[2] - vec4f(0., 0., 0., depth);
  let bc = cross(b.xyz, c.xyz);
  return -(a.w * bc + b.w * cross(c.xyz, a.xyz) + c.w * cross(a.xyz, b.xyz)) / dot(a.xyz, bc);
}

fn sdfUpsample(ray: SdfRay) -> SdfSurface {
  let size = vec2f(textureDimensions(sdfVisibility));
  let clip = scene.viewProjection * vec4f(fragmentInputs.vPositionW, 1.);
  let place = (0.5 * clip.xy / clip.w + 0.5) * size - 0.5;
  // Texels a pixel; a derivative, so before any branch.
  let texelsPerPixel = max(length(dpdx(place)), 1e-3);
  let first = floor(place);
  let share = place - first;
  var weights: array<f32, 4>;
  var identities: array<f32, 4>;
  var normals: array<vec3f, 4>;
  var points: array<vec3f, 4>;
  // Where the fragment's ray meets each texel's plane, and how far these may lie apart on one surface.
  var crossings: array<f32, 4>;
  var tolerances: array<f32, 4>;
  var hits = 0.;
  var passing = 0.;
  // How far outside the silhouette the passing texels hold this pixel, in texels: by their common opinion, and by the strictest.
  var outside = 0.;
  var outermost = -2.;
  var passingDistance = 0.;
  var passingNormal = vec3f();
  var nearest = -1.;
  var fallback = 0.5 * ray.length;
  let speed = dot(ray.worldDirection, ray.worldDirection);
  for (var i = 0; i < 4; i++) {
    let corner = vec2f(f32(i & 1), f32(i >> 1));
    let texel = first + corner;
    let both = mix(1. - share, share, corner);
    let weight = both.x * both.y + 1e-6;
    let value = textureLoad(sdfVisibility, vec2i(clamp(texel, vec2f(), size - 1.)), 0);
    weights[i] = weight;
    identities[i] = value.w;
    if (abs(value.w) != uniforms.sdfIdentity) { continue; }
    let screen = 2. * (texel + 0.5) / size - 1.;
    points[i] = sdfUnproject(screen, value.x);
    let reach = points[i] - ray.worldOrigin;
    let along = dot(reach, ray.worldDirection) / speed;
    if (weight > nearest) { nearest = weight; fallback = along; }
    if (value.w < 0.) {
      let way = value.yz * 0.5 * size;
      let gap = length(way);
      let beyond = clamp(gap - dot(place - texel, way / max(gap, 1e-6)), -1., 1.);
      outside += weight * beyond;
      outermost = max(outermost, beyond);
      passingDistance += weight * along;
      // Along the silhouette the surface looks neither towards the eye nor away.
      let outward = points[i] - sdfUnproject(screen + value.yz, value.x);
      passingNormal += weight * outward / max(length(outward), 1e-12);
      passing += weight;
      continue;
    }
    normals[i] = sdfDecodeNormal(value.yz);
    let facing = dot(normals[i], ray.worldDirection);
    let texelSize = (ray.footprint.x + ray.footprint.y * max(along, 0.)) / texelsPerPixel;
    // Tangent of the angle at which the surface is seen: steep ones may differ by more from texel to texel.
    let slope = min(sqrt(max(speed / max(facing * facing, 1e-12) - 1., 0.)), 6.);
    tolerances[i] = texelSize * (1. + slope);
    crossings[i] = along + clamp(dot(normals[i], reach) / select(facing, -1e-6, facing > -1e-6) - along, -tolerances[i], tolerances[i]);
    hits += weight;
  }
  var surface = SdfSurface(fallback, false, -normalize(ray.worldDirection));
  // A ray of no length is left to the baked mesh.
  if (hits + passing == 0. || ray.length < 0.) { return surface; }
  if (passing > 0.) {
    // Texels that are hit know nothing of the silhouette; only right beside one, it is believed rather than its neighbours.
    surface.found = select(outermost, outside / passing - max(0., 4. * hits - 3.), hits > 0.) < 0.;
  } else {
    // No outline is known, as before another shape: the pixel belongs to whom most of its surroundings belong to.
    surface.found = true;
    for (var i = 0; i < 4; i++) {
      var rival = 0.;
      for (var j = 0; j < 4; j++) { rival += select(0., weights[j], max(identities[j], 0.) == max(identities[i], 0.)); }
      if (rival > hits) { surface.found = false; }
    }
  }
  if (hits == 0.) {
    surface.distance = passingDistance / passing;
    surface.normal = normalize(surface.normal + passingNormal / passing);
    return surface;
  }
  // Where parts of the shape lie behind one another, the one with the most support.
  var support = 0.;
  var reference = 0;
  for (var i = 0; i < 4; i++) {
    if (identities[i] != uniforms.sdfIdentity) { continue; }
    var agreeing = 0.;
    for (var j = 0; j < 4; j++) {
      if (identities[j] != uniforms.sdfIdentity) { continue; }
      if (abs(crossings[i] - crossings[j]) <= max(tolerances[i], tolerances[j])) { agreeing += weights[j]; }
    }
    if (agreeing > support) { support = agreeing; reference = i; }
  }
  var normal = vec3f();
  var point = vec3f();
  var crossing = 0.;
  for (var i = 0; i < 4; i++) {
    if (identities[i] != uniforms.sdfIdentity || abs(crossings[i] - crossings[reference]) > max(tolerances[i], tolerances[reference])) { continue; }
    let part = weights[i] / support;
    normal += part * normals[i];
    point += part * points[i];
    crossing += part * crossings[i];
  }
  surface.normal = normalize(normal + passingNormal);
  surface.distance = crossing;
  // Blended tangents lie as far outside a curved surface as the chord between the points lies inside: between four of them, their mean is
  // right to second order.
  let facing = dot(normal, ray.worldDirection);
  if (support > 0.999 && facing < 0.) {
    let chord = dot(normal, point - ray.worldOrigin) / facing;
    surface.distance = mix(crossing, clamp(chord, crossing - tolerances[reference], crossing + tolerances[reference]), 0.5);
  }
  return surface;
}
