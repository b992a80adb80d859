// The signed distance that is traced where a shape has edits, and its gradient: takes the place of field.wgsl. Edits are data, one loop
// over the steps in `sdfEdits` (laid out by src/editing/pack-edits.ts), so that none of their numbers ever asks for another shader; the
// decoder is called at one place in each loop, because each call of it doubles the time to compile. The twin on the processor, and the
// argument why these distances are safe to step by, is src/editing/edited-field.ts.
const SDF_EDITS_HEADER = 2;
const SDF_EDIT_VECTORS = 5;
const SDF_SUBTRACT = 1;
const SDF_INTERSECT = 2;
const SDF_ROUND = 3;
const SDF_SHELL = 4;
const SDF_SHAPE = 0;
const SDF_CAPSULE = 1;
const SDF_BOX = 2;
const SDF_CYLINDER = 3;
const SDF_TORUS = 4;

fn sdfBoxCenter() -> vec3f { return sdfEdits[0].xyz; }
fn sdfBoxHalf() -> vec3f { return sdfEdits[1].xyz; }

// Whose biases `decoderBias` holds: where they start in `sdfEdits`, -1 for the shape's own, which it starts with.
var<private> sdfBiasesFrom: i32 = -1;

fn sdfLoadBiases(start: i32) {
  if (start == sdfBiasesFrom) { return; }
  sdfBiasesFrom = start;
  for (var row = 0; row < SDF_BIAS_VECTORS; row++) {
    if (start < 0) { decoderBias[row] = sdfBias[sdfTableStart + row]; } else { decoderBias[row] = sdfEdits[start + row]; }
  }
}

fn sdfToOperand(at: i32, p: vec3f) -> vec3f {
  let point = vec4f(p, 1.);
  return vec3f(dot(sdfEdits[at + 1], point), dot(sdfEdits[at + 2], point), dot(sdfEdits[at + 3], point));
}

// Signs of what there is and of the operand, so that each way of combining is the first sign times a smooth minimum.
fn sdfSigns(action: i32) -> vec2f {
  return vec2f(select(1., -1., action == SDF_SUBTRACT || action == SDF_INTERSECT), select(1., -1., action == SDF_INTERSECT));
}

// Smooth minimum, and the share of `a` in its gradient, which is exact.
fn sdfBlend(a: f32, b: f32, smoothness: f32) -> vec2f {
  let k = max(smoothness, 1e-6);
  let h = clamp(0.5 + 0.5 * (b - a) / k, 0., 1.);
  return vec2f(mix(b, a, h) - k * h * (1. - h), h);
}

// No direction at length 0: up is as good as any.
fn sdfAlong(v: vec3f) -> vec4f {
  let size = length(v);
  if (size == 0.) { return vec4f(0., 1., 0., 0.); }
  return vec4f(v / size, size);
}

fn sdfSignOf(v: vec3f) -> vec3f {
  return select(vec3f(1.), vec3f(-1.), v < vec3f());
}

// Gradient and signed distance of a primitive, in its own space; `size` as CombineStep says.
fn sdfPrimitive(kind: i32, p: vec3f, size: vec4f) -> vec4f {
  let radial = length(p.xz);
  let outwards = select(vec2f(1., 0.), p.xz / max(radial, 1e-30), radial > 0.);
  if (kind == SDF_CAPSULE) {
    return sdfAlong(vec3f(p.x, p.y - clamp(p.y, -size.x, size.x), p.z)) - vec4f(0., 0., 0., size.y);
  }
  if (kind == SDF_BOX) {
    let q = abs(p) - size.xyz;
    let most = max(q.x, max(q.y, q.z));
    if (most > 0.) {
      let corner = sdfAlong(max(q, vec3f()));
      return vec4f(corner.xyz * sdfSignOf(p), corner.w - size.w);
    }
    let face = select(select(vec3f(0., 0., 1.), vec3f(0., 1., 0.), q.y == most), vec3f(1., 0., 0.), q.x == most);
    return vec4f(face * sdfSignOf(p), most - size.w);
  }
  if (kind == SDF_CYLINDER) {
    let q = vec2f(radial - size.x, abs(p.y) - size.y);
    var g = select(vec3f(0., 1., q.y), vec3f(1., 0., q.x), q.x > q.y);
    if (min(q.x, q.y) > 0.) { g = vec3f(q / length(q), length(q)); }
    return vec4f(outwards.x * g.x, g.y * sdfSignOf(p).y, outwards.y * g.x, g.z);
  }
  if (kind == SDF_TORUS) {
    let ring = sdfAlong(vec3f(radial - size.x, p.y, 0.));
    return vec4f(outwards.x * ring.x, ring.y, outwards.y * ring.x, ring.w - size.y);
  }
  return vec4f(0., 1., 0., p.y);
}

fn sdfField(p: vec3f) -> f32 {
  var d = 1e9;
  let count = i32(sdfEdits[0].w);
  for (var step = 0; step < count; step++) {
    let at = SDF_EDITS_HEADER + step * SDF_EDIT_VECTORS;
    // action, kind, smoothness or amount, scale
    let head = sdfEdits[at];
    let action = i32(head.x);
    if (action >= SDF_ROUND) {
      d = select(d, abs(d), action == SDF_SHELL) - head.z;
      continue;
    }
    let signs = sdfSigns(action);
    let q = sdfToOperand(at, p);
    var f: f32;
    if (i32(head.y) == SDF_SHAPE) {
      let inside = clamp(q, vec3f(-SDF_HALF_EXTENT), vec3f(SDF_HALF_EXTENT));
      let beyond = distance(q, inside);
      // Too far away to matter, whatever the decoder says.
      if (action != SDF_INTERSECT && beyond > 0. && head.w * beyond >= signs.x * d + head.z) { continue; }
      sdfLoadBiases(i32(sdfEdits[at + 4].x));
      f = clamp(decoderDistance(inside), -SDF_DECODER_DELTA, SDF_DECODER_DELTA);
      if (beyond > 0.) { f = length(vec2f(beyond, max(f, 0.))); }
    } else {
      f = sdfPrimitive(i32(head.y), q, sdfEdits[at + 4]).w;
    }
    d = signs.x * sdfBlend(signs.x * d, signs.y * head.w * f, head.z).x;
  }
  return d;
}

fn sdfFieldGradient(p: vec3f) -> vec4f {
  var d = vec4f(0., 0., 0., 1e9);
  let count = i32(sdfEdits[0].w);
  for (var step = 0; step < count; step++) {
    let at = SDF_EDITS_HEADER + step * SDF_EDIT_VECTORS;
    let head = sdfEdits[at];
    let action = i32(head.x);
    if (action >= SDF_ROUND) {
      if (action == SDF_SHELL && d.w < 0.) { d = -d; }
      d.w -= head.z;
      continue;
    }
    let signs = sdfSigns(action);
    let q = sdfToOperand(at, p);
    var f: vec4f;
    if (i32(head.y) == SDF_SHAPE) {
      let inside = clamp(q, vec3f(-SDF_HALF_EXTENT), vec3f(SDF_HALF_EXTENT));
      let beyond = distance(q, inside);
      if (action != SDF_INTERSECT && beyond > 0. && head.w * beyond >= signs.x * d.w + head.z) { continue; }
      sdfLoadBiases(i32(sdfEdits[at + 4].x));
      f = decoderGradient(inside);
      f = vec4f(select(vec3f(), f.xyz, abs(f.w) < SDF_DECODER_DELTA), clamp(f.w, -SDF_DECODER_DELTA, SDF_DECODER_DELTA));
      if (beyond > 0.) {
        let value = max(f.w, 0.);
        let size = length(vec2f(beyond, value));
        f = vec4f(select(q - inside, value * f.xyz, q == inside) / size, size);
      }
    } else {
      f = sdfPrimitive(i32(head.y), q, sdfEdits[at + 4]);
    }
    let gradient = head.w * (f.x * sdfEdits[at + 1].xyz + f.y * sdfEdits[at + 2].xyz + f.z * sdfEdits[at + 3].xyz);
    let blended = sdfBlend(signs.x * d.w, signs.y * head.w * f.w, head.z);
    d = vec4f(blended.y * d.xyz + signs.x * signs.y * (1. - blended.y) * gradient, signs.x * blended.x);
  }
  return d;
}
