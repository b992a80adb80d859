// What a shape's grid spares a ray, and what it foretells. Stands on `sdfGrid` (see distance-grid.wgsl), the index `sdfGridStart` of its first
// cell (see instance-slot.wgsl) and the constants of compose-wgsl.ts.

// Index of a cell by its corner, whole numbers, among the shape's own: by the bits of a float, exact up to 2^23. WGSL's own conversion saturates,
// which software GPUs do lane by lane, and their products of integers take ten cycles.
fn sdfCellIndex(corner: vec3f) -> i32 {
  return bitcast<i32>(dot(corner, vec3f(1., f32(SDF_GRID), f32(SDF_GRID * SDF_GRID))) + 8388608.) - 0x4b000000;
}

// Leaps over free cells whose sign is the one expected, and stops in the first other cell or past `end`.
fn sdfSkipFree(origin: vec3f, direction: vec3f, start: f32, end: f32, expected: i32) -> f32 {
  let toCells = 0.5 * f32(SDF_GRID) / sdfBoxHalf();
  let cellOrigin = (origin - sdfBoxCenter()) * toCells + 0.5 * f32(SDF_GRID);
  let cellDirection = direction * toCells;
  let forward = cellDirection > vec3f();
  // A direction of zero never gets to a wall.
  let perCell = 1. / select(cellDirection, vec3f(1e-30), cellDirection == vec3f());
  let nudge = 0.001 / max(toCells.x, max(toCells.y, toCells.z));
  var s = start;
  for (var leap = 0; leap < 2 * SDF_GRID && s < end; leap++) {
    let corner = clamp(floor(cellOrigin + cellDirection * s), vec3f(), vec3f(f32(SDF_GRID - 1)));
    // Signed Chebyshev distance to the nearest cell that the surface may cross; 0 in such a cell.
    let free = (sdfGrid[sdfGridStart + sdfCellIndex(corner)] >> 24u) * expected;
    if (free <= 0) { break; }
    let wall = corner + select(vec3f(1. - f32(free)), vec3f(f32(free)), forward);
    let exits = (wall - cellOrigin) * perCell;
    // The nudge, a thousandth of a cell, puts the point past the wall whatever rounding does.
    s = max(s, min(exits.x, min(exits.y, exits.z))) + nudge;
  }
  return s;
}

// Goes on from there, through the balls that the values at the cells' centres prove to be outside: a cell or so nearer to the surface.
fn sdfSkipBalls(origin: vec3f, direction: vec3f, start: f32, end: f32) -> f32 {
  let half = sdfBoxHalf() / f32(SDF_GRID);
  let perHalf = f32(SDF_GRID) / sdfBoxHalf();
  var s = start;
  for (var ball = 0; ball < 6 && s < end; ball++) {
    let p = origin + direction * s - sdfBoxCenter();
    let corner = clamp(floor(0.5 * (p * perHalf + f32(SDF_GRID))), vec3f(), vec3f(f32(SDF_GRID - 1)));
    let toPoint = p - (2. * corner + 1. - f32(SDF_GRID)) * half;
    let value = SDF_VALUE_STEP * sdfCellSteps(sdfGridStart + sdfCellIndex(corner)).x;
    // Less what is rounded off.
    let radius = SDF_STEP_SCALE * clamp(value - 0.6 * SDF_VALUE_STEP, 0., SDF_DELTA);
    let inside = radius * radius - dot(toPoint, toPoint);
    if (inside <= 0.) { break; }
    let along = dot(toPoint, direction);
    s += sqrt(along * along + inside) - along;
  }
  return s;
}

// The field at a cell's centre and at the next one's along x, in steps of SDF_VALUE_STEP.
fn sdfCellSteps(index: i32) -> vec2f {
  let word = sdfGrid[index];
  return vec2f(vec2i(word << 8u, word << 20u) >> vec2u(20u));
}

// The field as the values at the cells' centres foretell it, trilinear: a guess, free of evaluations, never a proof.
fn sdfForetell(p: vec3f) -> f32 {
  let toCells = 0.5 * f32(SDF_GRID) / sdfBoxHalf();
  let at = clamp((p - sdfBoxCenter()) * toCells + (0.5 * f32(SDF_GRID) - 0.5), vec3f(), vec3f(f32(SDF_GRID) - 1.001));
  let corner = floor(at);
  let share = at - corner;
  let first = sdfGridStart + sdfCellIndex(corner);
  let above = first + SDF_GRID * SDF_GRID;
  let low = mix(sdfCellSteps(first), sdfCellSteps(first + SDF_GRID), share.y);
  let high = mix(sdfCellSteps(above), sdfCellSteps(above + SDF_GRID), share.y);
  let both = mix(low, high, share.z);
  return SDF_VALUE_STEP * mix(both.x, both.y, share.x);
}
