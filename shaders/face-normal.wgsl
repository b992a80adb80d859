#ifdef FORCENORMALFORWARD
// What Babylon turns normals towards: the face's normal, by derivatives of the position. Those of hits may be anything (see
// `sdfAlongSurface`), and a normal turned by them looks away from the viewer; a hit's gradient faces him as it is.
fn sdfFaceNormal() -> vec3f {
#ifdef NEURAL_SDF
  return normalize(fragmentInputs.vNormalW);
#else
  return normalize(cross(dpdx(fragmentInputs.vPositionW), dpdy(fragmentInputs.vPositionW))) * scene.vEyePosition.w;
#endif
}
#endif
