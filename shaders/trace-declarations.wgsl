flat varying vSdfInverse0: vec4f;
flat varying vSdfInverse1: vec4f;
flat varying vSdfInverse2: vec4f;
#if defined(PREPASS) && (defined(PREPASS_VELOCITY) || defined(PREPASS_VELOCITY_LINEAR))
flat varying vSdfPrevious0: vec4f;
flat varying vSdfPrevious1: vec4f;
flat varying vSdfPrevious2: vec4f;
#endif
// Written without blanks inside the type, which is how Babylon's parser wants them.
var<storage,read> sdfBias: array<vec4f>;
var<storage,read> sdfGrid: array<i32>;
#ifdef NEURAL_SDF_EDITS
var<storage,read> sdfEdits: array<vec4f>;
#endif
#ifdef NEURAL_SDF_COUNT
var<storage,read_write> sdfCounters: array<atomic<u32>,2>;
#endif
#ifdef CLIPPLANE
uniform vClipPlane: vec4f;
#endif
#ifdef CLIPPLANE2
uniform vClipPlane2: vec4f;
#endif
#ifdef CLIPPLANE3
uniform vClipPlane3: vec4f;
#endif
#ifdef CLIPPLANE4
uniform vClipPlane4: vec4f;
#endif
#ifdef CLIPPLANE5
uniform vClipPlane5: vec4f;
#endif
#ifdef CLIPPLANE6
uniform vClipPlane6: vec4f;
#endif
