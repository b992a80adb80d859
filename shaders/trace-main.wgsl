#if defined(NEURAL_SDF_LOD) && NEURAL_SDF_LOD == 2
#ifndef SM_FLOAT
if (!sdfIsBaked()) { discard; }
#endif
#endif
#ifdef NEURAL_SDF
sdfEnterSlot();
var sdfRay = sdfFragmentRay();
#if defined(NEURAL_SDF_LOD) && NEURAL_SDF_LOD == 1
#ifndef SM_FLOAT
if (sdfIsBaked()) { sdfRay.length = -1.; }
#endif
#endif
#ifdef NEURAL_SDF_UPSAMPLED
let sdfHit = sdfUpsample(sdfRay);
fragmentInputs.vNormalW = sdfHit.normal;
#else
#ifdef NEURAL_SDF_HIDDEN
#ifndef SM_FLOAT
sdfRay.length = min(sdfRay.length, sdfLengthToHidden(sdfRay));
#endif
#endif
for (var sdfRow = 0; sdfRow < SDF_BIAS_VECTORS; sdfRow++) { decoderBias[sdfRow] = sdfBias[sdfTableStart + sdfRow]; }
let sdfTolerance = vec2f(SDF_TOLERANCE, 0.) + 0.25 * sdfRay.footprint;
#if defined(SM_NORMALBIAS) && SM_NORMALBIAS == 1
// Babylon moves each vertex in by the bias times the sine of the light's angle: at the outline, which is what shows, by all of it.
sdfInset = uniforms.biasAndScaleSM.y / length(sdfRay.worldDirection);
#endif
#ifdef SM_FLOAT
var sdfHit = sdfMarch(sdfRay.origin, sdfRay.direction, sdfRay.length, sdfTolerance, sdfRay.startsOutsideBox);
#else
let sdfTraced = sdfTraceCovered(sdfRay, sdfTolerance);
#endif
#ifndef SM_FLOAT
var sdfHit = sdfTraced.hit;
#endif
#ifdef NEURAL_SDF_COUNT
atomicAdd(&sdfCounters[0], sdfHit.evaluations);
atomicAdd(&sdfCounters[1], 1u);
#endif
#ifndef SM_FLOAT
let sdfNormal = sdfTraced.normal.x * fragmentInputs.vSdfInverse0.xyz + sdfTraced.normal.y * fragmentInputs.vSdfInverse1.xyz + sdfTraced.normal.z * fragmentInputs.vSdfInverse2.xyz;
// A gradient of exactly zero (every unit dead) has no direction; up is as good as any, NaN would draw black.
#ifdef NORMAL
fragmentInputs.vNormalW = select(vec3f(0., 1., 0.), normalize(sdfNormal), dot(sdfNormal, sdfNormal) > 1e-12);
#endif
#endif
#endif
// The ray has been cut to what the clip planes keep; Babylon's own test would see the box's far side.
#ifdef CLIPPLANE_N
fragmentInputs.fClipDistance_N = -1.;
#endif
let sdfWorld = vec4f(sdfRay.worldOrigin + sdfRay.worldDirection * sdfHit.distance, 1.);
var sdfClip = scene.viewProjection * sdfWorld;
fragmentInputs.vPositionW = sdfWorld.xyz;
if (!sdfHit.found) { discard; }
