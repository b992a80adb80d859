// From the vertex to the fragment stage; declared in both.
#ifdef NEURAL_SDF
// Rows of the inverse world matrix.
flat varying vSdfInverse0: vec4f;
flat varying vSdfInverse1: vec4f;
flat varying vSdfInverse2: vec4f;
#if defined(PREPASS) && (defined(PREPASS_VELOCITY) || defined(PREPASS_VELOCITY_LINEAR))
flat varying vSdfPrevious0: vec4f;
flat varying vSdfPrevious1: vec4f;
flat varying vSdfPrevious2: vec4f;
#endif
#ifdef NEURAL_SDF_SLOTS
flat varying vSdfSlot: f32;
#endif
#endif
#if defined(NEURAL_SDF_LOD) && NEURAL_SDF_LOD > 0
#ifndef SM_FLOAT
flat varying vSdfBaked: f32;
#endif
#endif
