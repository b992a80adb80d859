#ifdef NEURAL_SDF
// Where the vertex went, bias and all: the fragment's ray must pass through its own pixel.
vertexOutputs.vPositionW = worldPos.xyz;
#endif
