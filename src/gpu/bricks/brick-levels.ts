import { samplesOf } from './brick-layout.js';

/** One step of refinement: the first is a lattice over the whole box, the others are bricks in the grid's cells. */
export interface BrickLevel {
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
 * The levels of a shape, coarse to fine. The first is a lattice over the whole box: as fine as the grid where that is filled within a frame
 * or so, else half as fine. Of a mug's wall, one a quarter as fine showed crumbs.
 * @param grid cells along the grid, a multiple of GRID_MULTIPLE
 * @param most the finest resolution wanted
 * @param timeFor milliseconds that a number of evaluations takes
 */
export function planLevels(grid: number, most: number, timeFor: (points: number) => number): BrickLevel[] {
  const first = timeFor(samplesOf(grid)) <= FIRST_BUDGET ? grid : grid / 2;
  const levels: BrickLevel[] = [{ cells: first, resolution: first }];
  for (let cells = first === grid ? 2 : 1; cells <= MOST_BRICK_CELLS; cells *= 2) {
    levels.push({ cells, resolution: grid * cells });
  }
  return levels.filter(({ resolution }, i) => i === 0 || resolution <= most);
}
