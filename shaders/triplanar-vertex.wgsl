#if defined(TRIPLANAR) && !defined(NEURAL_SDF)
{
  // Rows of the inverse of the affine world matrix: cofactors over the determinant.
  let row0 = cross(finalWorld[1].xyz, finalWorld[2].xyz);
  let row1 = cross(finalWorld[2].xyz, finalWorld[0].xyz);
  let row2 = cross(finalWorld[0].xyz, finalWorld[1].xyz);
  let determinant = dot(finalWorld[0].xyz, row0);
  let origin = finalWorld[3].xyz;
  vertexOutputs.vTriplanarInverse0 = vec4f(row0, -dot(row0, origin)) / determinant;
  vertexOutputs.vTriplanarInverse1 = vec4f(row1, -dot(row1, origin)) / determinant;
  vertexOutputs.vTriplanarInverse2 = vec4f(row2, -dot(row2, origin)) / determinant;
}
#endif
