// Leaps of a view's rays, 64 at a time. Stands on view-source.wgsl and the grid (see grid-leaps.wgsl).

// How far all rays of a block of 8 x 8 texels are free, from their origins on: leaps of a box around them, in the grid's cells, that grows
// along the way; "nothing is in it" once it has passed by.
fn sdfFreeLength(block: u32) -> f32 {
  let texel = sdfTexelOf(64u * block);
  let center = sdfScreenOf(texel) + 7. / sdfView.size;
  // Half a texel more than to the outermost rays.
  let reach = 8. / sdfView.size;
  let toCells = 0.5 * f32(SDF_GRID) / sdfBoxHalf();
  let origin = (sdfView.origin + center.x * sdfView.originX + center.y * sdfView.originY - sdfBoxCenter()) * toCells + 0.5 * f32(SDF_GRID);
  let along = sdfView.direction + center.x * sdfView.directionX + center.y * sdfView.directionY;
  let speed = along * toCells;
  let size = (abs(reach.x * sdfView.originX) + abs(reach.y * sdfView.originY)) * toCells;
  let turnX = reach.x * sdfView.directionX;
  let turnY = reach.y * sdfView.directionY;
  let growth = (abs(turnX) + abs(turnY)) * toCells;
  let fastest = max(abs(speed.x), max(abs(speed.y), abs(speed.z)));
  // Of the slowest ray: a length for each unit of time.
  let slowest = length(along) - length(turnX) - length(turnY);
  var time = 0.;
  for (var leap = 0; leap < 2 * SDF_GRID; leap++) {
    let middle = origin + time * speed;
    let half = size + time * growth;
    let corner = clamp(floor(middle), vec3f(), vec3f(f32(SDF_GRID - 1)));
    let free = f32(sdfGrid[sdfGridStart + sdfCellIndex(corner)] >> 24u);
    if (free <= 0.) { break; }
    // The free cube around the cell; whatever lies beyond the grid is free.
    let low = select(corner + 1. - free, vec3f(-1e9), corner + 1. - free <= vec3f());
    let high = select(corner + free, vec3f(1e9), corner + free >= vec3f(f32(SDF_GRID)));
    let below = middle - half - low;
    let above = high - middle - half;
    if (any(min(below, above) <= vec3f())) { break; }
    let exits = min(sdfWayOut(below, growth - speed), sdfWayOut(above, growth + speed));
    let exit = min(exits.x, min(exits.y, exits.z));
    time += 0.999 * exit;
    // Up against a wall, or past everything.
    if (exit * fastest < 0.3 || exit >= 1e9) { break; }
  }
  return time * max(slowest, 0.);
}

// When a distance is used up; never, where it grows.
fn sdfWayOut(distance: vec3f, speed: vec3f) -> vec3f { return select(vec3f(1e12), distance / max(speed, vec3f(1e-12)), speed > vec3f(1e-6)); }
