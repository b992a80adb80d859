#ifdef SM_FLOAT
// A light's pass (Babylon's shadowMapVertexMetric, at the hit): depth and out, no shading.
#if SM_USEDISTANCE == 1
fragmentInputs.vPositionWSM = sdfWorld.xyz;
#endif
#if SM_DEPTHTEXTURE == 1
#ifdef USE_REVERSE_DEPTHBUFFER
sdfClip.z -= uniforms.biasAndScaleSM.x * sdfClip.w * 0.5;
#else
sdfClip.z += uniforms.biasAndScaleSM.x * sdfClip.w * 0.5;
#endif
#endif
fragmentOutputs.fragDepth = sdfClip.z / sdfClip.w;
#if defined(SM_DEPTHCLAMP) && SM_DEPTHCLAMP == 1
fragmentInputs.zSM = sdfClip.z;
#elif SM_USEDISTANCE == 0
#ifdef USE_REVERSE_DEPTHBUFFER
fragmentInputs.vDepthMetricSM = (-sdfClip.z + uniforms.depthValuesSM.x) / uniforms.depthValuesSM.y + uniforms.biasAndScaleSM.x;
#else
fragmentInputs.vDepthMetricSM = (sdfClip.z + uniforms.depthValuesSM.x) / uniforms.depthValuesSM.y + uniforms.biasAndScaleSM.x;
#endif
#endif
// In a block: the shadow wrapper appends the same at the end of main, for meshes that share the material and are not traced.
{
#include<shadowMapFragment>
}
return fragmentOutputs;
#else
fragmentOutputs.fragDepth = sdfClip.z / sdfClip.w;
fragmentInputs.position.z = fragmentOutputs.fragDepth;
fragmentInputs.frontFacing = true;
#ifdef LOGARITHMICDEPTH
fragmentInputs.vFragmentDepth = 1. + sdfClip.w;
#endif
#ifdef FOG
fragmentInputs.vFogDistance = (scene.view * sdfWorld).xyz;
#endif
#if defined(CLUSTLIGHT_BATCH) && CLUSTLIGHT_BATCH > 0
#ifdef RIGHT_HANDED
fragmentInputs.vViewDepth = -(scene.view * sdfWorld).z;
#else
fragmentInputs.vViewDepth = (scene.view * sdfWorld).z;
#endif
#endif
#ifdef PREPASS
// What the vertex stage hands to Babylon's prepass (prePassVertex), at the hit.
#ifdef PREPASS_DEPTH
fragmentInputs.vViewPos = (scene.view * sdfWorld).xyz;
#endif
#ifdef PREPASS_NORMALIZED_VIEW_DEPTH
fragmentInputs.vNormViewDepth = ((scene.view * sdfWorld).z - uniforms.cameraInfo.x) / (uniforms.cameraInfo.y - uniforms.cameraInfo.x);
#endif
#ifdef PREPASS_LOCAL_POSITION
fragmentInputs.vPosition = sdfRay.origin + sdfRay.direction * sdfHit.distance;
#endif
#if defined(PREPASS_VELOCITY) || defined(PREPASS_VELOCITY_LINEAR)
fragmentInputs.vCurrentPosition = sdfClip;
let sdfModel = vec4f(sdfRay.origin + sdfRay.direction * sdfHit.distance, 1.);
fragmentInputs.vPreviousPosition = scene.previousViewProjection * vec4f(dot(fragmentInputs.vSdfPrevious0, sdfModel), dot(fragmentInputs.vSdfPrevious1, sdfModel), dot(fragmentInputs.vSdfPrevious2, sdfModel), 1.);
#endif
#endif
#endif
#endif
