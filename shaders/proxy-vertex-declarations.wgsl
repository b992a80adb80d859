#ifdef NEURAL_SDF
flat varying vSdfInverse0: vec4f;
flat varying vSdfInverse1: vec4f;
flat varying vSdfInverse2: vec4f;
#ifdef NEURAL_SDF_SLOTS
#ifdef INSTANCES
attribute sdfSlot: f32;
#endif
flat varying vSdfSlot: f32;
#endif
#endif
#if defined(NEURAL_SDF_LOD) && NEURAL_SDF_LOD > 0
#ifndef SM_FLOAT
flat varying vSdfBaked: f32;
#endif
#endif
