/**
 * The coarsest grid whose cells can be proven free at all: half a cell's diagonal must be below the longest safe step,
 * stepScale * delta. At least `wanted`.
 */
export function gridResolutionFor(constants: { halfExtent: number; delta: number; stepScale: number }, wanted: number): number {
  const needed = Math.ceil((0.87 * 2 * constants.halfExtent) / (0.9 * constants.stepScale * constants.delta));
  return Math.min(Math.max(wanted, needed), 64);
}
