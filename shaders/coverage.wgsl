// Which samples of a multisampled pixel the shape covers. A fragment runs once a pixel, at its centre; the samples about it are told
// from how near the ray comes to the surface, and on which side of it on the screen the surface lies. Stands on sphere-trace.wgsl.

// Samples a pixel in the pass, set when a pipeline is compiled (see multisample.ts): with one, none of this is left.
override SDF_SAMPLES: u32 = 1u;
const SDF_ALL_SAMPLES = 0xffffffffu;
var<private> sdfSampleMask: u32 = SDF_ALL_SAMPLES;
// Looks along a ray beyond its grazing hit, to see that nothing else stands behind.
const SDF_LOOKS = 24;

// Where WebGPU (D3D, Metal, Vulkan alike) puts four samples, from the pixel's centre, right and down.
fn sdfSampleAt(sample: i32) -> vec2f {
  return array(vec2f(-0.125, -0.375), vec2f(0.375, -0.125), vec2f(-0.375, 0.125), vec2f(0.125, 0.375))[sample];
}

// Traces a pixel's ray. In a multisampled pass, rays that pass within a pixel of the surface, inside or out, are looked at once more,
// beyond their nearest approach: the two slopes along the ray tell by a parabola how deep it dips. A ray that misses and still covers
// samples becomes a hit there. The search and the looks share a loop, so that the gradient is called at one place.
fn sdfTraceCovered(ray: SdfRay, tolerance: vec2f) -> SdfTraced {
  var march = sdfStart(ray.length, false);
  var hit = march.hit;
  // Rays that miss need no normal; what stands in for it only feeds derivatives across the silhouette.
  var normal = -ray.direction;
  var pixel = 0.;
  // The first look, and where; how fast the distance falls from there to the nearest approach, which way along the ray that is, and how far
  // to look.
  var first = vec4f();
  var firstAt = 0.;
  var at = 0.;
  var fall = 0.;
  var forth = 1.;
  var stride = 0.;
  // Below zero during the search.
  var look = -1;
  while (look < SDF_LOOKS) {
    var wants = true;
    if (look < 0) {
      wants = sdfWalk(&march, ray.origin, ray.direction, ray.length, tolerance, ray.startsOutsideBox);
      at = march.s;
    }
    var here = vec4f();
    if (wants) { here = sdfFieldGradient(ray.origin + ray.direction * at); }
    if (look < 0) {
      if (wants && sdfTake(&march, here, ray.direction, ray.length, tolerance, ray.startsOutsideBox)) { continue; }
      hit = march.hit;
      if (hit.found) { normal = sdfNormalOf(march, ray.origin); }
      pixel = max(ray.footprint.x + ray.footprint.y * hit.distance, 1e-6);
      let passesNear = hit.value < 1.5 * pixel && ray.length > 0.;
      if (SDF_SAMPLES == 1u || hit.capped || !(hit.found || passesNear)) { break; }
      look = 0;
      at = hit.distance;
      if (!hit.found) { continue; }
      at = march.gradientAt;
      here = march.gradient - vec4f(0., 0., 0., sdfInset);
    }
    if (look == 0) {
      first = here;
      firstAt = at;
      let slope = dot(here.xyz, ray.direction);
      fall = abs(slope);
      forth = select(1., -1., slope > 0.);
      if (hit.found && (fall > 0.6 || slope > 0.)) { break; }
      // Were the dip deeper than a pixel, its bottom would be further than this.
      stride = min(2. * pixel / max(fall, 1e-3), 0.1 * SDF_HALF_EXTENT);
      at += forth * stride;
    } else if (look == 1) {
      let rise = dot(here.xyz, ray.direction) * forth;
      let share = clamp(fall / max(fall + rise, 1e-4), 0., 1.);
      // Still falling: an edge that is further than a pixel.
      if (hit.found && rise <= 0.) { break; }
      let bottom = first.w + sdfInset - 0.5 * fall * stride * share;
      let between = mix(first.xyz, here.xyz, share);
      var mask = 0u;
      for (var sample = 0; sample < 4; sample++) {
        let offset = sdfSampleAt(sample);
        if (bottom + pixel * dot(between, ray.right * offset.x + ray.down * offset.y) < 0.) { mask |= 1u << u32(sample); }
      }
      if (!hit.found) {
        if (mask == 0u) { break; }
        sdfSampleMask = mask;
        hit.found = true;
        hit.distance = clamp(firstAt + forth * stride * share, 0., ray.length);
        normal = between;
        break;
      }
      if (mask == 15u || mask == 0u) { break; }
      sdfSampleMask = mask;
      at = firstAt + 2.5 * stride * share + 2. * pixel;
    } else {
      // What stands behind would be seen in the other samples, but only one colour can be written.
      if (here.w + sdfInset < 0.) { sdfSampleMask = SDF_ALL_SAMPLES; break; }
      at = sdfSkip(ray.origin, ray.direction, at + max(here.w, 0.02 * SDF_HALF_EXTENT), ray.length, 1);
    }
    if (look > 0 && at >= ray.length) { break; }
    look++;
  }
  return SdfTraced(hit, normal);
}
