struct SdfRay {
  // In model units: where it enters the box (or leaves the camera, inside it), and its unit direction.
  origin: vec3f,
  direction: vec3f,
  // Length to the far side of the box; not positive where the ray misses it.
  length: f32,
  // World units gained with each model unit.
  worldDirection: vec3f,
  worldOrigin: vec3f,
  // Pixel size at the origin, and what it grows by per unit of length, model units.
  footprint: vec2f,
  // Shift of the ray with a pixel to the right and a pixel down in the target, as shares of the pixel size.
  right: vec3f,
  down: vec3f,
  startsOutsideBox: bool,
};

fn sdfToModel(direction: vec3f) -> vec3f {
  return vec3f(dot(fragmentInputs.vSdfInverse0.xyz, direction), dot(fragmentInputs.vSdfInverse1.xyz, direction), dot(fragmentInputs.vSdfInverse2.xyz, direction));
}

// Cuts a ray's window, lengths from `world`, to the side of a clip plane that Babylon keeps: not positive.
fn sdfClipWindow(window: vec2f, plane: vec4f, world: vec3f, direction: vec3f) -> vec2f {
  let height = dot(plane, vec4f(world, 1.));
  // A ray along the plane is kept or cut as a whole.
  let along = dot(plane.xyz, direction);
  let rise = select(along, 1e-12, abs(along) < 1e-12);
  let crossing = -height / rise;
  return select(vec2f(max(window.x, crossing), window.y), vec2f(window.x, min(window.y, crossing)), rise > 0.);
}

// The ray through this fragment, from the view-projection matrix alone, so that it holds in light passes and mirrors too.
fn sdfFragmentRay() -> SdfRay {
  let rows = transpose(scene.viewProjection);
  let world = fragmentInputs.vPositionW;
  let perspective = dot(rows[3].xyz, rows[3].xyz) > 1e-12;
  let normalToScreen = cross(rows[0].xyz, rows[1].xyz);
#ifdef USE_REVERSE_DEPTHBUFFER
  let nearPlane = rows[3] - rows[2];
#else
  let nearPlane = rows[2];
#endif
  var worldDirection: vec3f;
  if (perspective) {
    // The eye is where clip x, y and w are all zero (Cramer's rule).
    let eye = -(rows[0].w * cross(rows[1].xyz, rows[3].xyz) + rows[1].w * cross(rows[3].xyz, rows[0].xyz) + rows[3].w * normalToScreen) / dot(rows[3].xyz, normalToScreen);
    worldDirection = world - eye;
  } else {
    worldDirection = normalToScreen * sign(dot(nearPlane.xyz, normalToScreen));
  }
  var ray: SdfRay;
  let modelDirection = sdfToModel(worldDirection);
  let modelLength = length(modelDirection);
  ray.direction = modelDirection / modelLength;
  ray.worldDirection = worldDirection / modelLength;
  let model = sdfToModel(world) + vec3f(fragmentInputs.vSdfInverse0.w, fragmentInputs.vSdfInverse1.w, fragmentInputs.vSdfInverse2.w);
  // Pixel size, by derivatives, which need uniform control flow.
  let across = select(model - ray.direction * dot(model, ray.direction), ray.direction, perspective);
  let acrossX = dpdx(across);
  let acrossY = dpdy(across);
  let size = max(length(acrossX), length(acrossY));
  // Slabs, as lengths along the ray from this fragment's point; a direction of zero is moved off it.
  let safe = select(ray.direction, vec3f(1e-7), abs(ray.direction) < vec3f(1e-7));
  let toFaces = (sdfBoxCenter() + sdfBoxHalf() * sign(safe) - model) / safe;
  let fromFaces = (sdfBoxCenter() - sdfBoxHalf() * sign(safe) - model) / safe;
  let exit = min(toFaces.x, min(toFaces.y, toFaces.z));
  let entry = max(fromFaces.x, max(fromFaces.y, fromFaces.z));
  var window = vec2f(entry, exit);
#if !defined(SM_DEPTHCLAMP) || SM_DEPTHCLAMP != 1
  // Nothing in front of the near plane or beyond the far one is drawn, but for a shadow map's casters, which it clamps.
  window = sdfClipWindow(window, -nearPlane, world, ray.worldDirection);
#ifdef USE_REVERSE_DEPTHBUFFER
  window = sdfClipWindow(window, -rows[2], world, ray.worldDirection);
#else
  window = sdfClipWindow(window, rows[2] - rows[3], world, ray.worldDirection);
#endif
#endif
  // For each plane (see clip-planes.ts). A clip plane only shortens the ray: beyond it, the shape's next outer face is drawn, as of a mesh with its back faces culled.
#ifdef CLIPPLANE_N
  window = sdfClipWindow(window, uniforms.vClipPlane_N, world, ray.worldDirection);
#endif
  ray.startsOutsideBox = entry >= window.x;
  ray.origin = model + ray.direction * window.x;
  ray.worldOrigin = world + ray.worldDirection * window.x;
  ray.length = window.y - window.x;
  ray.right = acrossX / size;
  // Babylon turns dpdy upwards in the picture.
  ray.down = acrossY / size * -internals.yFactor_;
  ray.footprint = select(vec2f(size, 0.), vec2f(size * max(modelLength + window.x, 0.), size), perspective);
  return ray;
}

// What a hit moves by along its surface, model units, where its ray is shifted by a pixel, `ray.right` or `ray.down`. Derivatives of the hits
// would not do: across a silhouette they span two surfaces, and along the edges of the box's triangles, where some lanes run for derivatives
// alone, software GPUs end the search with the other lanes', short of the surface.
fn sdfAlongSurface(ray: SdfRay, shift: vec3f, hit: f32, normal: vec3f) -> vec3f {
  let across = shift * (ray.footprint.x + ray.footprint.y * hit);
  return across + ray.direction * dot(across, normal) / max(-dot(ray.direction, normal), 0.02);
}
