// Rows of the inverse of an affine matrix: cofactors over the determinant.
fn sdfInverseRows(world: mat4x4f) -> array<vec4f, 3> {
  let row0 = cross(world[1].xyz, world[2].xyz);
  let row1 = cross(world[2].xyz, world[0].xyz);
  let row2 = cross(world[0].xyz, world[1].xyz);
  let determinant = dot(world[0].xyz, row0);
  let origin = world[3].xyz;
  return array(vec4f(row0, -dot(row0, origin)) / determinant, vec4f(row1, -dot(row1, origin)) / determinant, vec4f(row2, -dot(row2, origin)) / determinant);
}
