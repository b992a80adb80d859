import { describe, expect, it } from 'vitest';
import { activeCells, mayCross, pruneCells } from '../../src/gpu/bricks/active-cells.js';
import { planLevels } from '../../src/gpu/bricks/brick-levels.js';
import { BrickLattice, brickSamples, bricksOfCells, latticeSamples, type SampleSource } from '../../src/gpu/bricks/brick-samples.js';
import { doubleLattice, missingNodes } from '../../src/gpu/bricks/grid-lattice.js';

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

/** Whether the sphere's surface crosses a cell: its nearest point lies inside, its farthest corner outside. */
function crosses(cell: number): boolean {
  const side = (2 * HALF_EXTENT) / GRID;
  const low = [cell % GRID, Math.floor(cell / GRID) % GRID, Math.floor(cell / GRID ** 2)].map((i) => i * side - HALF_EXTENT);
  const nearest = low.map((from) => Math.max(from, 0, -(from + side)));
  const farthest = low.map((from) => Math.max(Math.abs(from), Math.abs(from + side)));
  return Math.hypot(...nearest) < 0.6 && Math.hypot(...farthest) > 0.6;
}

/** The sphere at the nodes of the grid. */
function atNodes(): Float32Array {
  const distances = new Float32Array((GRID + 1) ** 3);
  for (const [slot, point] of drain(latticeSamples(GRID, HALF_EXTENT), 100)) distances[slot] = sphere(...point);
  return distances;
}

describe('cells with bricks', () => {
  it('hold all of the surface, from a lattice as fine as the grid and after pruning', () => {
    const nodes = atNodes();
    const cells = activeCells(nodes, GRID, GRID, (2 * HALF_EXTENT) / GRID, TRUST);
    const active = new Set(cells);
    const crossed = [...Array(GRID ** 3).keys()].filter(crosses);
    for (const cell of crossed) expect(active.has(cell)).toBe(true);
    expect(crossed.length).toBeGreaterThan(0);
    expect(cells.length).toBeLessThan(1.7 * crossed.length);
    expect(cells.length).toBeLessThan(GRID ** 3 / 2);

    const lattice = new BrickLattice(bricksOfCells(cells, GRID), GRID, 2);
    const distances = new Float32Array(cells.length * 27);
    for (const [slot, point] of drain(brickSamples(cells, lattice, HALF_EXTENT), 64)) distances[slot] = sphere(...point);
    const kept = new Set(pruneCells(distances, nodes, cells, lattice, HALF_EXTENT / GRID, TRUST));
    for (const cell of cells) if (crosses(cell)) expect(kept.has(cell)).toBe(true);
    expect(kept.size).toBeLessThan(1.2 * crossed.length);
    expect(kept.size).toBeLessThan(cells.length);
  });

  it('may be crossed without a sign change by a part thinner than they are, as far as their values allow it', () => {
    const plate = (thickness: number) => Float64Array.from({ length: 8 }, (_, i) => Math.abs((i & 1) - 0.5) * 0.1 - thickness / 2);
    expect(mayCross(plate(0.01), 0.1, TRUST)).toBe(true);
    expect(mayCross(new Float64Array(8).fill(0.08), 0.1, TRUST)).toBe(true);
    // Farther from the nearest corners than the surface could be without being nearer to the others.
    const slope = (from: number) => Float64Array.from({ length: 8 }, (_, i) => from + (i & 1) * 0.1);
    expect(mayCross(slope(0.02), 0.1, TRUST)).toBe(true);
    expect(mayCross(slope(0.06), 0.1, TRUST)).toBe(false);
    // Saturated, all of them.
    expect(mayCross(new Float64Array(8).fill(-0.299), 10, TRUST)).toBe(false);
  });

  it.each([1, 2, 4])('evaluate each point once, but for the nodes of the grid, at %i cells a brick', (brickCells) => {
    const cells = activeCells(atNodes(), GRID, GRID, (2 * HALF_EXTENT) / GRID, TRUST);
    const found = drain(brickSamples(cells, new BrickLattice(bricksOfCells(cells, GRID), GRID, brickCells), HALF_EXTENT), 1000);
    const side = GRID * brickCells;
    const keys = new Set([...found.values()].map((point) => point.map((value) => Math.round(((value + HALF_EXTENT) * side) / 2)).join()));
    expect(keys.size).toBe(found.size);
    // All other points of all bricks are among them.
    const wanted = new Set<string>();
    for (const cell of cells) {
      const corner = [cell % GRID, Math.floor(cell / GRID) % GRID, Math.floor(cell / GRID ** 2)];
      for (let i = 0; i < (brickCells + 1) ** 3; i++) {
        const local = [i % (brickCells + 1), Math.floor(i / (brickCells + 1)) % (brickCells + 1), Math.floor(i / (brickCells + 1) ** 2)];
        if (local.some((at) => at % brickCells)) wanted.add(corner.map((at, axis) => at * brickCells + local[axis]).join());
      }
    }
    expect(keys).toEqual(wanted);
  });

  it('get the nodes that half as fine a lattice lacks, and nodes far off by interpolation', () => {
    const half = new Float32Array((GRID / 2 + 1) ** 3);
    for (const [slot, point] of drain(latticeSamples(GRID / 2, HALF_EXTENT), 100)) half[slot] = point[0] + 2 * point[1] - point[2];
    const doubled = doubleLattice(half, GRID / 2);
    let worst = 0;
    for (const [slot, [x, y, z]] of drain(latticeSamples(GRID, HALF_EXTENT), 100)) {
      worst = Math.max(worst, Math.abs(doubled[slot] - (x + 2 * y - z)));
    }
    expect(worst).toBeLessThan(1e-6);

    const cells = Uint32Array.of(0, 5 + 3 * GRID + 2 * GRID ** 2);
    const nodes = missingNodes(cells, GRID);
    // Of a cell's corners, one in eight is on the coarser lattice.
    expect(nodes).toHaveLength(14);
    expect([...nodes]).toEqual([...nodes].sort((a, b) => a - b));
    const points = [...drain(latticeSamples(GRID, HALF_EXTENT, nodes), 5).values()];
    expect(points).toContainEqual([0.125 - 1, -1, -1].map(Math.fround));
    expect(points).not.toContainEqual([-1, -1, -1]);
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
