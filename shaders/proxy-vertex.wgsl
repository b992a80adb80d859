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
  // Rows of the inverse of the affine world matrix: cofactors over the determinant.
  let sdfRow0 = cross(finalWorld[1].xyz, finalWorld[2].xyz);
  let sdfRow1 = cross(finalWorld[2].xyz, finalWorld[0].xyz);
  let sdfRow2 = cross(finalWorld[0].xyz, finalWorld[1].xyz);
  let sdfDeterminant = dot(finalWorld[0].xyz, sdfRow0);
  let sdfOrigin = finalWorld[3].xyz;
  vertexOutputs.vSdfInverse0 = vec4f(sdfRow0, -dot(sdfRow0, sdfOrigin)) / sdfDeterminant;
  vertexOutputs.vSdfInverse1 = vec4f(sdfRow1, -dot(sdfRow1, sdfOrigin)) / sdfDeterminant;
  vertexOutputs.vSdfInverse2 = vec4f(sdfRow2, -dot(sdfRow2, sdfOrigin)) / sdfDeterminant;
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
