// What a texel of the visibility texture says. A hit: linear depth, octahedral world normal, the mesh's identity. A ray that passes by within
// a texel or two: linear depth of the nearest surface, the way to it on the screen, and minus the identity: where the silhouette runs.
{
  let sdfSquared = dot(sdfNormal, sdfNormal);
  let sdfUnit = select(vec3f(0., 1., 0.), normalize(sdfNormal), sdfSquared > 1e-12);
  var sdfTexel = vec4f((scene.view * sdfWorld).z, sdfEncodeNormal(sdfUnit), uniforms.sdfIdentity);
  if (!sdfHit.found) {
    let sdfFar = 1.5 * (sdfRay.footprint.x + sdfRay.footprint.y * max(sdfHit.distance, 0.));
    if (sdfHit.evaluations == 0u || sdfHit.value > sdfFar) { discard; }
    // A Newton step in world space, whose gradient the normal is.
    let sdfNearest = sdfWorld - vec4f(sdfNormal * max(sdfHit.value, 0.) / max(sdfSquared, 1e-12), 0.);
    let sdfNearestClip = scene.viewProjection * sdfNearest;
    let sdfWay = sdfNearestClip.xy / sdfNearestClip.w - sdfClip.xy / sdfClip.w;
    sdfTexel = vec4f((scene.view * sdfNearest).z, sdfWay, -uniforms.sdfIdentity);
    // Behind whatever is hit.
#ifdef USE_REVERSE_DEPTHBUFFER
    fragmentOutputs.fragDepth = 0.;
#else
    fragmentOutputs.fragDepth = 1.;
#endif
  }
  fragmentOutputs.color = sdfTexel;
}
