#ifdef ANISOTROPIC
// Tangent, bitangent, normal. A traced surface has no texture coordinates to take them from: its tangents run around the model's y axis.
fn sdfTangentFrame(normal: vec3f, position: vec3f, uv: vec2f, signs: vec2f) -> mat3x3f {
#ifdef NEURAL_SDF
  let cofactor0 = cross(fragmentInputs.vSdfInverse1.xyz, fragmentInputs.vSdfInverse2.xyz);
  let up = cross(fragmentInputs.vSdfInverse2.xyz, fragmentInputs.vSdfInverse0.xyz) * sign(dot(fragmentInputs.vSdfInverse0.xyz, cofactor0));
  let around = cross(up, normal);
  let tangent = select(cofactor0, around, dot(around, around) > 1e-12);
  let unit = normalize(tangent - normal * dot(normal, tangent));
  return mat3x3f(unit, cross(normal, unit), normal);
#else
  return cotangent_frame(normal, position, uv, signs);
#endif
}
#endif
