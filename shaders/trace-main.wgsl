#ifdef NEURAL_SDF
for (var sdfRow = 0; sdfRow < SDF_BIAS_VECTORS; sdfRow++) { decoderBias[sdfRow] = sdfBias[sdfRow]; }
var sdfRay = sdfFragmentRay();
#ifdef NEURAL_SDF_HIDDEN
#ifndef SM_FLOAT
sdfRay.length = min(sdfRay.length, sdfLengthToHidden(sdfRay));
#endif
#endif
let sdfTolerance = vec2f(SDF_TOLERANCE, 0.) + 0.25 * sdfRay.footprint;
var sdfHit = sdfMarch(sdfRay.origin, sdfRay.direction, sdfRay.length, sdfTolerance, sdfRay.startsOutsideBox);
#ifdef NEURAL_SDF_COUNT
atomicAdd(&sdfCounters[0], sdfHit.evaluations);
atomicAdd(&sdfCounters[1], 1u);
#endif
#ifndef SM_FLOAT
// One evaluation with its gradient serves the normal and a last Newton step onto the surface.
var sdfGradient = vec4f(-sdfRay.direction, 0.);
if (sdfRay.length > 0.) { sdfGradient = sdfFieldGradient(sdfRay.origin + sdfRay.direction * sdfHit.distance); }
var sdfNormal = sdfGradient.xyz;
if (sdfHit.capped) {
  let sdfFace = abs(sdfRay.origin);
  sdfNormal = sign(sdfRay.origin) * vec3f(sdfFace >= vec3f(max(sdfFace.x, max(sdfFace.y, sdfFace.z)) * 0.9999));
} else {
  let sdfSlope = min(dot(sdfGradient.xyz, sdfRay.direction), -0.25);
  sdfHit.distance -= clamp(sdfGradient.w / sdfSlope, -4. * sdfTolerance.x, 4. * sdfTolerance.x);
}
sdfNormal = sdfNormal.x * fragmentInputs.vSdfInverse0.xyz + sdfNormal.y * fragmentInputs.vSdfInverse1.xyz + sdfNormal.z * fragmentInputs.vSdfInverse2.xyz;
// A gradient of exactly zero (every unit dead) has no direction; up is as good as any, NaN would draw black.
fragmentInputs.vNormalW = select(vec3f(0., 1., 0.), normalize(sdfNormal), dot(sdfNormal, sdfNormal) > 1e-12);
#endif
// The ray has been cut to what the clip planes keep; Babylon's own test would see the box's far side.
#ifdef CLIPPLANE
fragmentInputs.fClipDistance = -1.;
#endif
#ifdef CLIPPLANE2
fragmentInputs.fClipDistance2 = -1.;
#endif
#ifdef CLIPPLANE3
fragmentInputs.fClipDistance3 = -1.;
#endif
#ifdef CLIPPLANE4
fragmentInputs.fClipDistance4 = -1.;
#endif
#ifdef CLIPPLANE5
fragmentInputs.fClipDistance5 = -1.;
#endif
#ifdef CLIPPLANE6
fragmentInputs.fClipDistance6 = -1.;
#endif
let sdfWorld = vec4f(sdfRay.worldOrigin + sdfRay.worldDirection * sdfHit.distance, 1.);
var sdfClip = scene.viewProjection * sdfWorld;
fragmentInputs.vPositionW = sdfWorld.xyz;
if (!sdfHit.found) { discard; }
