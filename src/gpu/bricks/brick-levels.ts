/** One step of refinement: a lattice over the whole box, or bricks in the grid's cells. */
export interface BrickLevel {
  readonly kind: 'coarse' | 'bricks';
  /** Cells along the coarse lattice, or along a brick. */
  readonly cells: number;
  /** Cells along the box, or as many as there would be, were there bricks everywhere. */
  readonly resolution: number;
}

/** Cells along a brick, at most: the finest level has as many times the grid's resolution. */
const MOST_BRICK_CELLS = 8;

/** Milliseconds that a frame may wait for a shape's first form. */
export const FIRST_BUDGET = 60;

/**
 * The levels of a shape, coarse to fine. The first is the finest lattice over the whole box that is filled within a frame or so; coarser
 * ones than a quarter of the grid would show nothing of a shape.
 * @param grid cells along the grid, a multiple of 4
 * @param most the finest resolution wanted
 * @param timeFor milliseconds that a number of evaluations takes
 */
export function planLevels(grid: number, most: number, timeFor: (points: number) => number): BrickLevel[] {
  const first = [grid, grid / 2].find((cells) => timeFor((cells + 1) ** 3) <= FIRST_BUDGET) ?? grid / 4;
  const levels: BrickLevel[] = [];
  for (let cells = first; cells <= grid / 2; cells *= 2) levels.push({ kind: 'coarse', cells, resolution: cells });
  if (first === grid) levels.push({ kind: 'coarse', cells: grid, resolution: grid });
  for (let cells = first === grid ? 2 : 1; cells <= MOST_BRICK_CELLS; cells *= 2) {
    levels.push({ kind: 'bricks', cells, resolution: grid * cells });
  }
  return levels.filter(({ resolution }, i) => i === 0 || resolution <= most);
}
