// What a shape's grid spares a ray, and what it foretells. Stands on `sdfGrid` (see distance-grid.wgsl), the index `sdfGridStart` of its first
// cell (see instance-slot.wgsl) and the constants of compose-wgsl.ts.

// Index of a cell by its corner, whole numbers, among the shape's own: by the bits of a float, exact up to 2^23. WGSL's own conversion saturates,
// which software GPUs do lane by lane, and their products of integers take ten cycles.
fn sdfCellIndex(corner: vec3f) -> i32 {
  return bitcast<i32>(dot(corner, vec3f(1., f32(SDF_GRID), f32(SDF_GRID * SDF_GRID))) + 8388608.) - 0x4b000000;
}

// A leap through a ball by less than this part of a cell is the last one: the next would be shorter still.
const SDF_LEAST_LEAP = 0.1;

// Leaps through what is proven to have the sign expected, over free cells and through the balls that the values at cells' centres prove, and
// stops where neither leads on, or past `end`.
fn sdfSkip(origin: vec3f, direction: vec3f, start: f32, end: f32, expected: i32) -> f32 {
  let toCells = 0.5 * f32(SDF_GRID) / sdfBoxHalf();
  let cellOrigin = (origin - sdfBoxCenter()) * toCells + 0.5 * f32(SDF_GRID);
  let cellDirection = direction * toCells;
  let forward = cellDirection > vec3f();
  // A direction of zero never gets to a wall.
  let perCell = 1. / select(cellDirection, vec3f(1e-30), cellDirection == vec3f());
  let fromCells = 1. / toCells;
  let cell = min(fromCells.x, min(fromCells.y, fromCells.z));
  let sign = f32(expected);
  var s = start;
  for (var leap = 0; leap < 2 * SDF_GRID && s < end; leap++) {
    let at = cellOrigin + cellDirection * s;
    let corner = clamp(floor(at), vec3f(), vec3f(f32(SDF_GRID - 1)));
    let word = sdfGrid[sdfGridStart + sdfCellIndex(corner)];
    // Signed Chebyshev distance to the nearest cell that the surface may cross; 0 in such a cell.
    let free = sign * f32(word >> 24u);
    let wall = corner + select(vec3f(1. - free), vec3f(free), forward);
    let exits = (wall - cellOrigin) * perCell;
    // The nudge, a thousandth of a cell, puts the point past the wall whatever rounding does.
    let pastWall = min(exits.x, min(exits.y, exits.z)) + 0.001 * cell;
    // Less what is rounded off.
    let radius = SDF_STEP_SCALE * clamp(SDF_VALUE_STEP * (sign * f32((word << 8u) >> 20u) - 0.6), 0., SDF_DELTA);
    let toPoint = (at - corner - 0.5) * fromCells;
    let along = dot(toPoint, direction);
    let inside = radius * radius - dot(toPoint, toPoint);
    let pastBall = s + sqrt(along * along + max(inside, 0.)) - along;
    let next = max(select(s, pastWall, free > 0.), select(s, pastBall, inside > 0.));
    let gain = next - s;
    s = max(s, next);
    // A free cell may be cut at its corner, with a long way free behind it.
    if (free <= 0. && gain < SDF_LEAST_LEAP * cell) { break; }
  }
  return s;
}

// The field at a cell's centre and at the next one's along x, in steps of SDF_VALUE_STEP.
fn sdfCellSteps(index: i32) -> vec2f {
  let word = sdfGrid[index];
  return vec2f(vec2i(word << 8u, word << 20u) >> vec2u(20u));
}

// The field as the values at the cells' centres foretell it, trilinear, and its slope along a direction: a guess, free of evaluations,
// never a proof.
fn sdfForetell(p: vec3f, direction: vec3f) -> vec2f {
  let toCells = 0.5 * f32(SDF_GRID) / sdfBoxHalf();
  let at = clamp((p - sdfBoxCenter()) * toCells + (0.5 * f32(SDF_GRID) - 0.5), vec3f(), vec3f(f32(SDF_GRID) - 1.001));
  let corner = floor(at);
  let share = at - corner;
  let first = sdfGridStart + sdfCellIndex(corner);
  let above = first + SDF_GRID * SDF_GRID;
  // Each: at two corners, one after the other along x.
  let low = sdfCellSteps(first);
  let high = sdfCellSteps(above);
  let riseLow = sdfCellSteps(first + SDF_GRID) - low;
  let riseHigh = sdfCellSteps(above + SDF_GRID) - high;
  let edgeLow = low + share.y * riseLow;
  let edgeHigh = high + share.y * riseHigh;
  let edge = mix(edgeLow, edgeHigh, share.z);
  let riseY = mix(riseLow, riseHigh, share.z);
  let riseZ = edgeHigh - edgeLow;
  let rise = vec3f(edge.y - edge.x, mix(riseY.x, riseY.y, share.x), mix(riseZ.x, riseZ.y, share.x));
  return SDF_VALUE_STEP * vec2f(mix(edge.x, edge.y, share.x), dot(rise, direction * toCells));
}
