// The signed distance and its gradient from a shape's table of lattices (laid out as src/gpu/bricks/brick-layout.ts says). Stands on the
// constants of compose-wgsl.ts and on `sdfBias`; `decoderBias[0]` is the table's head: cells along the coarse lattice, cells along a brick.
var<private> decoderBias: array<vec4f, 1>;

const BRICK_INDEX = 1;
const BRICK_COARSE = BRICK_INDEX + SDF_DECODER_GRID * SDF_DECODER_GRID * SDF_DECODER_GRID / 4;
const BRICK_FIRST = BRICK_COARSE + (SDF_DECODER_GRID + 1) * (SDF_DECODER_GRID + 1) * (SDF_DECODER_GRID + 1);

struct BrickCorner {
  // Index of the lattice cell's lower corner in the table, and of its neighbours along y and z from there.
  first: i32,
  alongY: i32,
  alongZ: i32,
  // Place in the lattice cell, 0 to 1, and the cell's side, model units.
  place: vec3f,
  side: f32,
};

fn brickCorner(p: vec3f) -> BrickCorner {
  let share = clamp(p * (0.5 / SDF_HALF_EXTENT) + 0.5, vec3f(), vec3f(1.));
  let at = share * f32(SDF_DECODER_GRID);
  let cell = min(vec3i(at), vec3i(SDF_DECODER_GRID - 1));
  let index = (cell.z * SDF_DECODER_GRID + cell.y) * SDF_DECODER_GRID + cell.x;
  let brick = i32(sdfBias[BRICK_INDEX + index / 4][index % 4]);
  var cells = i32(decoderBias[0].x);
  var first = BRICK_COARSE;
  var inLattice = share * f32(cells);
  var side = 2. * SDF_HALF_EXTENT / f32(cells);
  if (brick > 0) {
    cells = i32(decoderBias[0].y);
    first = BRICK_FIRST + (brick - 1) * (cells + 1) * (cells + 1) * (cells + 1);
    inLattice = (at - vec3f(cell)) * f32(cells);
    side = 2. * SDF_HALF_EXTENT / f32(SDF_DECODER_GRID * cells);
  }
  let lower = min(vec3i(inLattice), vec3i(cells - 1));
  let stride = cells + 1;
  return BrickCorner(first + (lower.z * stride + lower.y) * stride + lower.x, stride, stride * stride, inLattice - vec3f(lower), side);
}

// A corner's own linear view of a point at `offset` from it, half of whose slope is taken: weighted as trilinear interpolation has it,
// the eight views are exact for every quadratic, where trilinear interpolation of distances alone lies outside of every curve.
fn brickView(sample: vec4f, offset: vec3f) -> f32 {
  return sample.w + 0.5 * dot(sample.xyz, offset);
}

fn brickMix(x0: f32, x1: f32, x2: f32, x3: f32, x4: f32, x5: f32, x6: f32, x7: f32, t: vec3f) -> f32 {
  return mix(mix(mix(x0, x1, t.x), mix(x2, x3, t.x), t.y), mix(mix(x4, x5, t.x), mix(x6, x7, t.x), t.y), t.z);
}

fn decoderGradient(p: vec3f) -> vec4f {
  let c = brickCorner(p);
  let s0 = sdfBias[c.first];
  let s1 = sdfBias[c.first + 1];
  let s2 = sdfBias[c.first + c.alongY];
  let s3 = sdfBias[c.first + c.alongY + 1];
  let s4 = sdfBias[c.first + c.alongZ];
  let s5 = sdfBias[c.first + c.alongZ + 1];
  let s6 = sdfBias[c.first + c.alongZ + c.alongY];
  let s7 = sdfBias[c.first + c.alongZ + c.alongY + 1];
  let t = c.place;
  let a = t * c.side;
  let b = a - c.side;
  let distance = brickMix(
    brickView(s0, a), brickView(s1, vec3f(b.x, a.yz)), brickView(s2, vec3f(a.x, b.y, a.z)), brickView(s3, vec3f(b.xy, a.z)),
    brickView(s4, vec3f(a.xy, b.z)), brickView(s5, vec3f(b.x, a.y, b.z)), brickView(s6, vec3f(a.x, b.yz)), brickView(s7, b), t);
  // Continuous from cell to cell, which the derivative of the distance is not.
  let gradient = mix(mix(mix(s0.xyz, s1.xyz, t.x), mix(s2.xyz, s3.xyz, t.x), t.y), mix(mix(s4.xyz, s5.xyz, t.x), mix(s6.xyz, s7.xyz, t.x), t.y), t.z);
  return vec4f(gradient, distance);
}

fn decoderDistance(p: vec3f) -> f32 {
  return decoderGradient(p).w;
}
