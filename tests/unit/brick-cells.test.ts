import { describe, expect, it } from 'vitest';
import { activeCells, pruneCells } from '../../src/gpu/bricks/active-cells.js';
import { planLevels } from '../../src/gpu/bricks/brick-levels.js';
import { BrickLattice, brickSamples, bricksOfCells, latticeSamples, type SampleSource } from '../../src/gpu/bricks/brick-samples.js';

const GRID = 16;
const HALF_EXTENT = 1;
const TRUST = { delta: 0.3, stepScale: 0.9 };
const sphere = (x: number, y: number, z: number): number => Math.hypot(x, y, z) - 0.6;

/** All samples of a source, taken a few at a time: slot to point. */
function drain(source: SampleSource, most: number): Map<number, [number, number, number]> {
  const floats = new Float32Array(4 * most);
  const slots = new Uint32Array(floats.buffer);
  const found = new Map<number, [number, number, number]>();
  let repeated = 0;
  for (let count = source.next(floats, slots, most); count > 0; count = source.next(floats, slots, most)) {
    for (let i = 0; i < count; i++) {
      if (found.has(slots[4 * i + 3])) repeated++;
      found.set(slots[4 * i + 3], [floats[4 * i], floats[4 * i + 1], floats[4 * i + 2]]);
    }
  }
  expect(source.done).toBe(1);
  expect(repeated).toBe(0);
  return found;
}

function cellsOfSphere(): Uint32Array {
  const distances = new Float32Array(17 ** 3);
  for (const [slot, point] of drain(latticeSamples(GRID, HALF_EXTENT), 100)) distances[slot] = sphere(...point);
  return activeCells(distances, GRID, GRID, (2 * HALF_EXTENT) / GRID, TRUST);
}

/** Whether the sphere's surface crosses a cell: its nearest point lies inside, its farthest corner outside. */
function crosses(cell: number): boolean {
  const side = (2 * HALF_EXTENT) / GRID;
  const low = [cell % GRID, Math.floor(cell / GRID) % GRID, Math.floor(cell / GRID ** 2)].map((i) => i * side - HALF_EXTENT);
  const nearest = low.map((from) => Math.max(from, 0, -(from + side)));
  const farthest = low.map((from) => Math.max(Math.abs(from), Math.abs(from + side)));
  return Math.hypot(...nearest) < 0.6 && Math.hypot(...farthest) > 0.6;
}

describe('cells with bricks', () => {
  it('hold all of the surface, from a lattice as fine as the grid and after pruning', () => {
    const cells = cellsOfSphere();
    const active = new Set(cells);
    for (let cell = 0; cell < GRID ** 3; cell++) if (crosses(cell)) expect(active.has(cell)).toBe(true);
    expect(cells.length).toBeLessThan(GRID ** 3 / 2);

    const lattice = new BrickLattice(bricksOfCells(cells, GRID), GRID, 2);
    const distances = new Float32Array(cells.length * 27);
    for (const [slot, point] of drain(brickSamples(cells, lattice, HALF_EXTENT), 64)) distances[slot] = sphere(...point);
    const kept = new Set(pruneCells(distances, cells, lattice, HALF_EXTENT / GRID, TRUST));
    for (const cell of cells) if (crosses(cell)) expect(kept.has(cell)).toBe(true);
    expect(kept.size).toBeLessThan(cells.length);
  });

  it.each([1, 2, 4])('evaluate each point once, at %i cells a brick', (brickCells) => {
    const cells = cellsOfSphere();
    const found = drain(brickSamples(cells, new BrickLattice(bricksOfCells(cells, GRID), GRID, brickCells), HALF_EXTENT), 1000);
    const side = GRID * brickCells;
    const keys = new Set([...found.values()].map((point) => point.map((value) => Math.round(((value + HALF_EXTENT) * side) / 2)).join()));
    expect(keys.size).toBe(found.size);
    // All points of all bricks are among them.
    const wanted = new Set<string>();
    for (const cell of cells) {
      const corner = [cell % GRID, Math.floor(cell / GRID) % GRID, Math.floor(cell / GRID ** 2)];
      for (let i = 0; i < (brickCells + 1) ** 3; i++) {
        const local = [i % (brickCells + 1), Math.floor(i / (brickCells + 1)) % (brickCells + 1), Math.floor(i / (brickCells + 1) ** 2)];
        wanted.add(corner.map((at, axis) => at * brickCells + local[axis]).join());
      }
    }
    expect(keys).toEqual(wanted);
  });

  it('are refined from what a frame allows to what was asked for', () => {
    const names = (most: number, rate: number) =>
      planLevels(32, most, (points) => points / rate).map(({ cells, resolution }) => [cells, resolution]);
    expect(names(256, 1e6)).toEqual([
      [32, 32],
      [2, 64],
      [4, 128],
      [8, 256],
    ]);
    expect(names(64, 1)).toEqual([
      [16, 16],
      [1, 32],
      [2, 64],
    ]);
    expect(names(4, 1)).toEqual([[16, 16]]);
  });
});
