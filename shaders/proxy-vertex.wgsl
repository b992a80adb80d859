#if defined(SM_NORMALBIAS) && SM_NORMALBIAS == 1
// Babylon's normal bias, injected below, moves the vertex by this name. The baked mesh, which wears this material too, needs it; of a traced
// shape the surface is moved, not the box.
#ifdef NEURAL_SDF
let vNormalW = vec3f();
#else
let vNormalW = vertexOutputs.vNormalW;
#endif
#endif
#ifdef NEURAL_SDF
{
  let sdfRows = sdfInverseRows(finalWorld);
  vertexOutputs.vSdfInverse0 = sdfRows[0];
  vertexOutputs.vSdfInverse1 = sdfRows[1];
  vertexOutputs.vSdfInverse2 = sdfRows[2];
#ifdef NEURAL_SDF_SLOTS
#ifdef INSTANCES
  vertexOutputs.vSdfSlot = vertexInputs.sdfSlot;
#else
  // A mirrored instance is drawn by itself.
  vertexOutputs.vSdfSlot = uniforms.sdfDraw.x;
#endif
#endif
}
#if defined(PREPASS) && (defined(PREPASS_VELOCITY) || defined(PREPASS_VELOCITY_LINEAR))
let sdfPrevious = transpose(finalPreviousWorld);
vertexOutputs.vSdfPrevious0 = sdfPrevious[0];
vertexOutputs.vSdfPrevious1 = sdfPrevious[1];
vertexOutputs.vSdfPrevious2 = sdfPrevious[2];
#endif
#endif
