#ifdef NEURAL_SDF_HIDDEN
#ifndef SM_FLOAT
// View-space depth of the opaque meshes, of this very pixel grid (see hidden-pixels.ts).
var sdfHiddenDepth: texture_2d<f32>;

// Length at which a ray goes behind what opaque meshes cover of its pixel and of those around it: an edge of theirs may leave some
// samples of the pixel free, and a slanted face is deeper at the pixel's rim.
fn sdfLengthToHidden(ray: SdfRay) -> f32 {
  let viewZ = transpose(scene.view)[2];
  let start = dot(viewZ, vec4f(ray.worldOrigin, 1.));
  let rise = dot(viewZ.xyz, ray.worldDirection);
  let last = vec2i(textureDimensions(sdfHiddenDepth)) - 1;
  let pixel = vec2i(fragmentInputs.position.xy);
  // Towards the horizon, in either handedness.
  var farthest = -3e38;
  for (var i = 0; i < 9; i++) {
    let texel = clamp(pixel + vec2i(i % 3 - 1, i / 3 - 1), vec2i(), last);
    farthest = max(farthest, textureLoad(sdfHiddenDepth, texel, 0).x * sign(rise));
  }
  // A thousandth to spare for rounding.
  return (farthest - start * sign(rise) + 1e-3 * abs(farthest)) / max(abs(rise), 1e-12);
}
#endif
#endif
