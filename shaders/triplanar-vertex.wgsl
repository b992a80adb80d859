#if defined(TRIPLANAR) && !defined(NEURAL_SDF)
{
  let rows = sdfInverseRows(finalWorld);
  vertexOutputs.vTriplanarInverse0 = rows[0];
  vertexOutputs.vTriplanarInverse1 = rows[1];
  vertexOutputs.vTriplanarInverse2 = rows[2];
}
#endif
