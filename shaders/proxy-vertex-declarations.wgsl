#ifdef NEURAL_SDF
flat varying vSdfInverse0: vec4f;
flat varying vSdfInverse1: vec4f;
flat varying vSdfInverse2: vec4f;
#endif
