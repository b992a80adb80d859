#if defined(NEURAL_SDF_LOD) && NEURAL_SDF_LOD > 0
#ifndef SM_FLOAT
// Wholly left to the other form: all vertices in one point, out of sight.
#if NEURAL_SDF_LOD == 1
if (vertexOutputs.vSdfBaked == 1.) { vertexOutputs.position = vec4f(2., 2., 2., 1.); }
#else
if (vertexOutputs.vSdfBaked == 0.) { vertexOutputs.position = vec4f(2., 2., 2., 1.); }
#endif
#endif
#endif
