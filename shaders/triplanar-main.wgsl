#ifdef TRIPLANAR
#ifdef NEURAL_SDF
let triplanarRows = array(fragmentInputs.vSdfInverse0, fragmentInputs.vSdfInverse1, fragmentInputs.vSdfInverse2);
#else
let triplanarRows = array(fragmentInputs.vTriplanarInverse0, fragmentInputs.vTriplanarInverse1, fragmentInputs.vTriplanarInverse2);
#endif
let triplanar = triplanarPlanes(fragmentInputs.vPositionW, normalW, triplanarRows[0], triplanarRows[1], triplanarRows[2], uniforms.triplanarOptions);
#ifdef TRIPLANAR_ALBEDO
var triplanarColor = textureSample(triplanarAlbedoSampler, triplanarAlbedoSamplerSampler, triplanar.alongX).rgb * triplanar.weights.x
  + textureSample(triplanarAlbedoSampler, triplanarAlbedoSamplerSampler, triplanar.alongY).rgb * triplanar.weights.y
  + textureSample(triplanarAlbedoSampler, triplanarAlbedoSamplerSampler, triplanar.alongZ).rgb * triplanar.weights.z;
#ifdef PBR
#ifdef TRIPLANAR_ALBEDO_GAMMA
triplanarColor = toLinearSpaceVec3(triplanarColor);
#endif
surfaceAlbedo *= triplanarColor;
#else
baseColor = vec4f(baseColor.rgb * triplanarColor, baseColor.a);
#endif
#endif
#ifdef TRIPLANAR_METALLIC_ROUGHNESS
triplanarRoughMetal = textureSample(triplanarMetallicRoughnessSampler, triplanarMetallicRoughnessSamplerSampler, triplanar.alongX).gb * triplanar.weights.x
  + textureSample(triplanarMetallicRoughnessSampler, triplanarMetallicRoughnessSamplerSampler, triplanar.alongY).gb * triplanar.weights.y
  + textureSample(triplanarMetallicRoughnessSampler, triplanarMetallicRoughnessSamplerSampler, triplanar.alongZ).gb * triplanar.weights.z;
#endif
#ifdef TRIPLANAR_NORMAL
// Each projection's slopes are added along its own two axes (partial derivative blending).
let triplanarSlopeX = triplanar.weights.x * (textureSample(triplanarNormalSampler, triplanarNormalSamplerSampler, triplanar.alongX).xy * 2. - 1.);
let triplanarSlopeY = triplanar.weights.y * (textureSample(triplanarNormalSampler, triplanarNormalSamplerSampler, triplanar.alongY).xy * 2. - 1.);
let triplanarSlopeZ = triplanar.weights.z * (textureSample(triplanarNormalSampler, triplanarNormalSamplerSampler, triplanar.alongZ).xy * 2. - 1.);
let triplanarBent = triplanar.normal + uniforms.triplanarOptions.z * (vec3f(0., triplanarSlopeX.yx) + vec3f(triplanarSlopeY.x, 0., triplanarSlopeY.y) + vec3f(triplanarSlopeZ, 0.));
normalW = normalize(triplanarBent.x * triplanarRows[0].xyz + triplanarBent.y * triplanarRows[1].xyz + triplanarBent.z * triplanarRows[2].xyz);
#endif
#endif
