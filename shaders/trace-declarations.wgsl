// Written without blanks inside the type, which is how Babylon's parser wants them.
var<storage,read> sdfBias: array<vec4f>;
var<storage,read> sdfGrid: array<i32>;
#ifdef NEURAL_SDF_EDITS
var<storage,read> sdfEdits: array<vec4f>;
#endif
#ifdef NEURAL_SDF_COUNT
var<storage,read_write> sdfCounters: array<atomic<u32>,2>;
#endif
#ifdef CLIPPLANE_N
uniform vClipPlane_N: vec4f;
#endif
