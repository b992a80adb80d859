// Fills a shape's grid of safe leaps. Stands on `sdfField` and the constants of compose-wgsl.ts.
@group(0) @binding(0) var<storage, read> sdfBias: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> sdfGrid: array<i32>;

// A cell: its free distance, signed, in 8 bits, and the field at its centre in 12 (see grid-leaps.wgsl); 12 more for that of the next cell
// along x, which transformX fills in.
fn packCell(free: i32, value: f32) -> i32 {
  let steps = i32(round(clamp(value / SDF_VALUE_STEP, -2047., 2047.)));
  return (free << 24u) | ((steps & 0xfff) << 12u);
}

// First pass: 0 where the surface may cross the cell, +-SDF_GRID where it surely does not.
@compute @workgroup_size(64)
fn classifyCells(@builtin(global_invocation_id) id: vec3u) {
  for (var row = 0; row < SDF_BIAS_VECTORS; row++) { decoderBias[row] = sdfBias[row]; }
  let index = i32(id.x);
  if (index >= SDF_GRID * SDF_GRID * SDF_GRID) { return; }
  let cell = vec3i(index % SDF_GRID, index / SDF_GRID % SDF_GRID, index / (SDF_GRID * SDF_GRID));
  let half = sdfBoxHalf() / f32(SDF_GRID);
  let value = sdfField(sdfBoxCenter() + (vec3f(2 * cell + 1) - f32(SDF_GRID)) * half);
  // Half the cell's diagonal, with the nudge of sdfSkip to spare.
  let reach = 1.005 * length(half);
  let crossed = SDF_STEP_SCALE * min(abs(value), SDF_DELTA) < reach;
  sdfGrid[index] = packCell(select(SDF_GRID * i32(sign(value)), 0, crossed), value);
}

var<workgroup> line: array<i32, SDF_GRID>;

// Then one pass an axis, one workgroup a line: the separable Chebyshev distance transform.
fn transformLine(first: i32, stride: i32, at: i32, fillsIn: bool) {
  var own = sdfGrid[first + stride * at];
  line[at] = own;
  workgroupBarrier();
  let free = own >> 24u;
  var nearest = SDF_GRID;
  for (var other = 0; other < SDF_GRID; other++) { nearest = min(nearest, max(abs(line[other] >> 24u), abs(other - at))); }
  if (fillsIn) { own |= (line[min(at + 1, SDF_GRID - 1)] >> 12u) & 0xfff; }
  sdfGrid[first + stride * at] = ((nearest * sign(free)) << 24u) | (own & 0xffffff);
}

@compute @workgroup_size(SDF_GRID)
fn transformX(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  transformLine(i32(group.x + group.y * u32(SDF_GRID)) * SDF_GRID, 1, i32(local.x), true);
}

@compute @workgroup_size(SDF_GRID)
fn transformY(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  transformLine(i32(group.x) + i32(group.y) * SDF_GRID * SDF_GRID, SDF_GRID, i32(local.x), false);
}

@compute @workgroup_size(SDF_GRID)
fn transformZ(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  transformLine(i32(group.x + group.y * u32(SDF_GRID)), SDF_GRID * SDF_GRID, i32(local.x), false);
}
