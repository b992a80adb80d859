#ifdef TRIPLANAR
#ifdef NEURAL_SDF
let triplanarRows = array(fragmentInputs.vSdfInverse0, fragmentInputs.vSdfInverse1, fragmentInputs.vSdfInverse2);
#else
let triplanarRows = array(fragmentInputs.vTriplanarInverse0, fragmentInputs.vTriplanarInverse1, fragmentInputs.vTriplanarInverse2);
#endif
var triplanar = triplanarPlanes(fragmentInputs.vPositionW, normalW, triplanarRows[0], triplanarRows[1], triplanarRows[2], uniforms.triplanarOptions);
#ifdef NEURAL_SDF
triplanar.right = uniforms.triplanarOptions.x * sdfAlongSurface(sdfRay, sdfRay.right, sdfHit.distance, triplanar.normal);
triplanar.down = uniforms.triplanarOptions.x * sdfAlongSurface(sdfRay, sdfRay.down, sdfHit.distance, triplanar.normal);
#else
triplanar.right = dpdx(triplanar.at);
triplanar.down = dpdy(triplanar.at);
#endif
#ifdef TRIPLANAR_ALBEDO
var triplanarColor = (triplanarSample(triplanarAlbedoSampler, triplanarAlbedoSamplerSampler, triplanar) * triplanar.weights).rgb;
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
triplanarRoughMetal = (triplanarSample(triplanarMetallicRoughnessSampler, triplanarMetallicRoughnessSamplerSampler, triplanar) * triplanar.weights).gb;
#endif
#ifdef TRIPLANAR_NORMAL
// Each projection's slopes are added along its own two axes (partial derivative blending).
let triplanarSlopes = triplanarSample(triplanarNormalSampler, triplanarNormalSamplerSampler, triplanar);
let triplanarSlopeX = triplanar.weights.x * (triplanarSlopes[0].xy * 2. - 1.);
let triplanarSlopeY = triplanar.weights.y * (triplanarSlopes[1].xy * 2. - 1.);
let triplanarSlopeZ = triplanar.weights.z * (triplanarSlopes[2].xy * 2. - 1.);
let triplanarBent = triplanar.normal + uniforms.triplanarOptions.z * (vec3f(0., triplanarSlopeX.yx) + vec3f(triplanarSlopeY.x, 0., triplanarSlopeY.y) + vec3f(triplanarSlopeZ, 0.));
normalW = normalize(triplanarBent.x * triplanarRows[0].xyz + triplanarBent.y * triplanarRows[1].xyz + triplanarBent.z * triplanarRows[2].xyz);
#endif
#endif
