// Turns distances on lattices into a table that can be traced: each sample gets its gradient, by differences to its neighbours.
struct Lattices {
  // Cells along the box: of the grid that bricks lie in, of the coarse lattice; and along a brick.
  grid: i32,
  coarse: i32,
  brick: i32,
  brickCount: i32,
  // Side of the box, model units.
  side: f32,
}

@group(0) @binding(0) var<uniform> lattices: Lattices;
@group(0) @binding(1) var<storage, read> coarseDistances: array<f32>;
@group(0) @binding(2) var<storage, read> distances: array<f32>;
// Per grid cell, 1 + the number of its brick, or 0; per brick, its grid cell.
@group(0) @binding(3) var<storage, read> brickOfCell: array<u32>;
@group(0) @binding(4) var<storage, read> cellOfBrick: array<u32>;
@group(0) @binding(5) var<storage, read_write> table: array<vec4f>;

const ABSENT = 1e30;

fn coarseTable() -> i32 { return 1 + lattices.grid * lattices.grid * lattices.grid / 4; }

fn coarseAt(at: vec3i) -> f32 {
  if (any(at < vec3i()) || any(at > vec3i(lattices.coarse))) { return ABSENT; }
  let stride = lattices.coarse + 1;
  return coarseDistances[(at.z * stride + at.y) * stride + at.x];
}

@compute @workgroup_size(64)
fn assembleCoarse(@builtin(global_invocation_id) id: vec3u) {
  let stride = lattices.coarse + 1;
  let index = i32(id.x);
  if (index >= stride * stride * stride) { return; }
  let at = vec3i(index % stride, index / stride % stride, index / (stride * stride));
  let here = coarseAt(at);
  let side = lattices.side / f32(lattices.coarse);
  var gradient: vec3f;
  for (var axis = 0; axis < 3; axis++) {
    var step = vec3i();
    step[axis] = 1;
    gradient[axis] = slope(coarseAt(at - step), here, coarseAt(at + step)) / side;
  }
  table[coarseTable() + index] = vec4f(gradient, here);
}

// Central where there are both neighbours, else towards the one there is.
fn slope(before: f32, here: f32, after: f32) -> f32 {
  if (before == ABSENT && after == ABSENT) { return 0.; }
  if (before == ABSENT) { return after - here; }
  if (after == ABSENT) { return here - before; }
  return 0.5 * (after - before);
}

// What lies on the grid's nodes is known from the coarse lattice, which is as fine as the grid where there are bricks. A sample on the border
// of several bricks was evaluated in the first of them, in the order of brick-samples.ts.
fn brickAt(at: vec3i) -> f32 {
  let n = lattices.brick;
  if (any(at < vec3i()) || any(at > vec3i(lattices.grid * n))) { return ABSENT; }
  if (all(at % n == vec3i())) { return coarseAt(at / n); }
  let cell = at / n;
  let onBorder = at % n == vec3i();
  for (var back = 0; back < 8; back++) {
    let step = vec3i(back & 1, (back >> 1) & 1, back >> 2);
    let owner = cell - step;
    if (any(step > vec3i(onBorder)) || any(owner < vec3i()) || any(owner >= vec3i(lattices.grid))) { continue; }
    let brick = i32(brickOfCell[(owner.z * lattices.grid + owner.y) * lattices.grid + owner.x]);
    if (brick == 0) { continue; }
    let local = at - owner * n;
    return distances[(((brick - 1) * (n + 1) + local.z) * (n + 1) + local.y) * (n + 1) + local.x];
  }
  return ABSENT;
}

@compute @workgroup_size(64)
fn assembleBricks(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = lattices.brick + 1;
  let perBrick = stride * stride * stride;
  // More workgroups than one axis holds.
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= lattices.brickCount * perBrick) { return; }
  let inBrick = index % perBrick;
  let cell = i32(cellOfBrick[index / perBrick]);
  let grid = lattices.grid;
  let corner = vec3i(cell % grid, cell / grid % grid, cell / (grid * grid)) * lattices.brick;
  let at = corner + vec3i(inBrick % stride, inBrick / stride % stride, inBrick / (stride * stride));
  let here = brickAt(at);
  let side = lattices.side / f32(grid * lattices.brick);
  var gradient: vec3f;
  for (var axis = 0; axis < 3; axis++) {
    var step = vec3i();
    step[axis] = 1;
    gradient[axis] = slope(brickAt(at - step), here, brickAt(at + step)) / side;
  }
  let coarseStride = grid + 1;
  table[coarseTable() + coarseStride * coarseStride * coarseStride + index] = vec4f(gradient, here);
}
