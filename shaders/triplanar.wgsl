// Textures projected along the three axes of model space, for surfaces without texture coordinates.
#ifdef TRIPLANAR
#ifndef NEURAL_SDF
flat varying vTriplanarInverse0: vec4f;
flat varying vTriplanarInverse1: vec4f;
flat varying vTriplanarInverse2: vec4f;
#endif
#ifdef TRIPLANAR_ALBEDO
var triplanarAlbedoSampler: texture_2d<f32>;
var triplanarAlbedoSamplerSampler: sampler;
#endif
#ifdef TRIPLANAR_NORMAL
var triplanarNormalSampler: texture_2d<f32>;
var triplanarNormalSamplerSampler: sampler;
#endif
#ifdef TRIPLANAR_METALLIC_ROUGHNESS
var triplanarMetallicRoughnessSampler: texture_2d<f32>;
var triplanarMetallicRoughnessSamplerSampler: sampler;
// Roughness in x, metallic in y; Babylon reads them within a function.
var<private> triplanarRoughMetal: vec2f;
#endif

struct TriplanarPlanes {
  // In repeats of the texture; the three projections look it up along x (z, y), along y (x, z) and along z (x, y).
  at: vec3f,
  // What that moves by with a pixel to the right and a pixel down.
  right: vec3f,
  down: vec3f,
  // What each projection counts for; sums to one.
  weights: vec3f,
  // Unit normal in model space.
  normal: vec3f,
};

// `inverse0` to `inverse2`: rows of the inverse world matrix. `options`: repeats a model unit, sharpness.
fn triplanarPlanes(world: vec3f, worldNormal: vec3f, inverse0: vec4f, inverse1: vec4f, inverse2: vec4f, options: vec4f) -> TriplanarPlanes {
  let at = options.x * vec3f(dot(inverse0, vec4f(world, 1.)), dot(inverse1, vec4f(world, 1.)), dot(inverse2, vec4f(world, 1.)));
  // Normals go to model space by the transposed world matrix, whose rows are the cofactors of its inverse over the determinant.
  let cofactor0 = cross(inverse1.xyz, inverse2.xyz);
  let cofactors = vec3f(dot(cofactor0, worldNormal), dot(cross(inverse2.xyz, inverse0.xyz), worldNormal), dot(cross(inverse0.xyz, inverse1.xyz), worldNormal));
  let normal = normalize(cofactors * sign(dot(inverse0.xyz, cofactor0)));
  let weights = pow(abs(normal), vec3f(options.y));
  return TriplanarPlanes(at, vec3f(), vec3f(), weights / (weights.x + weights.y + weights.z), normal);
}

// What the three projections find, a column each.
fn triplanarSample(map: texture_2d<f32>, mapSampler: sampler, planes: TriplanarPlanes) -> mat3x4f {
  return mat3x4f(
    textureSampleGrad(map, mapSampler, planes.at.zy, planes.right.zy, planes.down.zy),
    textureSampleGrad(map, mapSampler, planes.at.xz, planes.right.xz, planes.down.xz),
    textureSampleGrad(map, mapSampler, planes.at.xy, planes.right.xy, planes.down.xy),
  );
}
#endif
