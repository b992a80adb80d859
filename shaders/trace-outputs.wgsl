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
#ifdef PREPASS_DEPTH
fragmentInputs.vViewPos = (scene.view * sdfWorld).xyz;
#endif
#endif
#endif
