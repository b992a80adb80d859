// Vertex stage: which share of its pixels a shape leaves to its baked mesh, by its height on the screen (see level-of-detail.ts).
#if defined(NEURAL_SDF_LOD) && NEURAL_SDF_LOD > 0
#ifndef SM_FLOAT
{
  let sdfRows = transpose(scene.viewProjection);
  let sdfDepth = dot(sdfRows[3], finalWorld[3]);
  let sdfScale = max(length(finalWorld[0].xyz), max(length(finalWorld[1].xyz), length(finalWorld[2].xyz)));
  let sdfHeight = select(1e6, uniforms.sdfDraw.w * sdfScale * length(sdfRows[1].xyz) / sdfDepth, sdfDepth > 0.);
  vertexOutputs.vSdfBaked = clamp((uniforms.sdfDraw.z - sdfHeight) / (uniforms.sdfDraw.z - uniforms.sdfDraw.y), 0., 1.);
#ifdef NEURAL_SDF_SLOTS
  // The baked mesh shows the mesh's own latent code.
  if (vertexOutputs.vSdfSlot > 0.5) { vertexOutputs.vSdfBaked = 0.; }
#endif
}
#endif
#endif
