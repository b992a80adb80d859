#ifdef NEURAL_SDF
// Where the vertex went, bias and all: the fragment's ray must pass through its own pixel.
vertexOutputs.vPositionW = worldPos.xyz;
// The far faces may lie beyond the far plane where the shape does not: the ray is cut to the planes, the box is not.
vertexOutputs.position.z = 0.5 * vertexOutputs.position.w;
#endif
