// What a shape's grid spares a ray, and what it foretells. Stands on `sdfGrid` (see distance-grid.wgsl), the index `sdfGridStart` of its first
// cell (see instance-slot.wgsl) and the constants of compose-wgsl.ts.

// Leaps over free cells whose sign is the one expected, and stops in the first other cell or past `end`.
fn sdfSkipFree(origin: vec3f, direction: vec3f, start: f32, end: f32, expected: i32) -> f32 {
  let toCells = 0.5 * f32(SDF_GRID) / sdfBoxHalf();
  let cellOrigin = (origin - sdfBoxCenter()) * toCells + 0.5 * f32(SDF_GRID);
  let cellDirection = direction * toCells;
  let forward = cellDirection > vec3f();
  var s = start;
  for (var leap = 0; leap < 2 * SDF_GRID && s < end; leap++) {
    let cell = clamp(vec3i(floor(cellOrigin + cellDirection * s)), vec3i(), vec3i(SDF_GRID - 1));
    // Signed Chebyshev distance to the nearest cell that the surface may cross; 0 in such a cell.
    let free = (sdfGrid[sdfGridStart + (cell.z * SDF_GRID + cell.y) * SDF_GRID + cell.x] >> 16u) * expected;
    if (free <= 0) { break; }
    let wall = vec3f(select(cell - free + 1, cell + free, forward));
    let exits = (wall - cellOrigin) / cellDirection;
    // The nudge, a thousandth of a cell, puts the point past the wall whatever rounding does.
    s = max(s, min(exits.x, min(exits.y, exits.z))) + 0.001 / max(toCells.x, max(toCells.y, toCells.z));
  }
  return s;
}

// Goes on from there, through the balls that the values at the cells' centres prove to be outside: a cell or so nearer to the surface.
fn sdfSkipBalls(origin: vec3f, direction: vec3f, start: f32, end: f32) -> f32 {
  let half = sdfBoxHalf() / f32(SDF_GRID);
  var s = start;
  for (var ball = 0; ball < 6 && s < end; ball++) {
    let p = origin + direction * s - sdfBoxCenter();
    let cell = clamp(vec3i(floor(0.5 * (p / half + f32(SDF_GRID)))), vec3i(), vec3i(SDF_GRID - 1));
    let toPoint = p - (vec3f(2 * cell + 1) - f32(SDF_GRID)) * half;
    let value = sdfCellValue(sdfGridStart + (cell.z * SDF_GRID + cell.y) * SDF_GRID + cell.x);
    // A little less, for what float16 rounds off.
    let radius = 0.998 * SDF_STEP_SCALE * clamp(value, 0., SDF_DELTA);
    let inside = radius * radius - dot(toPoint, toPoint);
    if (inside <= 0.) { break; }
    let along = dot(toPoint, direction);
    s += sqrt(along * along + inside) - along;
  }
  return s;
}

fn sdfCellValue(index: i32) -> f32 {
  return unpack2x16float(u32(sdfGrid[index])).x;
}

// The field as the values at the cells' centres foretell it, trilinear: a guess, free of evaluations, never a proof.
fn sdfForetell(p: vec3f) -> f32 {
  let at = clamp(((p - sdfBoxCenter()) * 0.5 / sdfBoxHalf() + 0.5) * f32(SDF_GRID) - 0.5, vec3f(), vec3f(f32(SDF_GRID) - 1.001));
  let cell = vec3i(at);
  let share = at - vec3f(cell);
  let first = sdfGridStart + (cell.z * SDF_GRID + cell.y) * SDF_GRID + cell.x;
  let above = first + SDF_GRID * SDF_GRID;
  let low = mix(vec2f(sdfCellValue(first), sdfCellValue(first + SDF_GRID)), vec2f(sdfCellValue(first + 1), sdfCellValue(first + SDF_GRID + 1)), share.x);
  let high = mix(vec2f(sdfCellValue(above), sdfCellValue(above + SDF_GRID)), vec2f(sdfCellValue(above + 1), sdfCellValue(above + SDF_GRID + 1)), share.x);
  let both = mix(low, high, share.z);
  return mix(both.x, both.y, share.y);
}
