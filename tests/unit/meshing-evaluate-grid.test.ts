import { describe, expect, it } from 'vitest';
import { evaluateGrid, type GridOptions } from '../../src/meshing/evaluate-grid.js';
import { marchingCubes } from '../../src/meshing/marching-cubes.js';
import type { ScalarGrid } from '../../src/meshing/scalar-grid.js';
import { AnalyticEvaluator, type Distance, denseGrid, SHAPES } from '../support/analytic-shapes.js';

const delta = 0.1;
const options = (resolution: number): GridOptions => ({ resolution, halfExtent: 1, delta, stepScale: 0.8 });

/** What a decoder trained on clamped distances answers at best: nothing to be had beyond delta. */
const clamped =
  (distance: Distance): Distance =>
  (x, y, z) =>
    Math.max(-delta, Math.min(delta, distance(x, y, z)));

/** Triangle count and sorted vertices: the sparse grid meets the same cells in another order. */
function surfaceOf(grid: ScalarGrid): { triangles: number; vertices: string[] } {
  const { positions, triangles } = marchingCubes(grid).mesh;
  const vertices = Array.from({ length: positions.length / 3 }, (_, i) => positions.subarray(3 * i, 3 * i + 3).join());
  return { triangles: triangles.length / 3, vertices: vertices.sort() };
}

describe.each(Object.entries(SHAPES))('sparse grid: %s', (_, { distance }) => {
  it.each([7, 32, 50, 80])('gives the same surface and signs as the full grid at %i', async (resolution) => {
    const { grid } = await evaluateGrid(new AnalyticEvaluator(clamped(distance)), options(resolution));
    const full = denseGrid(clamped(distance), resolution);
    expect(surfaceOf(grid)).toEqual(surfaceOf(full));
    let wrong = 0;
    for (let n = 0; n < full.values.length; n++) {
      const side = resolution + 1;
      const value = grid.value(n % side, Math.floor(n / side) % side, Math.floor(n / side ** 2));
      // Evaluated, or a bound that is nearer to 0.
      if (value < 0 !== full.values[n] < 0 || Math.abs(value) > Math.abs(full.values[n]) + 1e-6) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it('spends a small part of the evaluations of the full grid', async () => {
    const evaluator = new AnalyticEvaluator(clamped(distance));
    const { evaluations } = await evaluateGrid(evaluator, options(128));
    expect(evaluator.evaluations).toBe(evaluations);
    expect(evaluations).toBeLessThan(0.25 * 129 ** 3);
  });
});

it('gives the same surface as the full grid above 256, where its finest blocks are larger', async () => {
  const distance = clamped((x, y, z) => Math.hypot(x - 0.1, y, z) - 0.3);
  const { grid } = await evaluateGrid(new AnalyticEvaluator(distance), options(258));
  expect(grid.blockSize).toBe(4);
  expect(surfaceOf(grid)).toEqual(surfaceOf(denseGrid(distance, 258)));
});

describe('sparse grid of an untrustworthy distance', () => {
  // A rod whose distance is right at one end, and twenty times too large along the rest: there no block seems to hold surface.
  const exactRod: Distance = (x, y, z) => Math.hypot(Math.max(0, Math.abs(x) - 0.7), y, z) - 0.2;
  const rod = clamped((x, y, z) => exactRod(x, y, z) * (x > -0.6 ? 20 : 1));

  it('follows the surface through blocks that were skipped', async () => {
    const evaluator = new AnalyticEvaluator(rod);
    const { grid } = await evaluateGrid(evaluator, options(96));
    expect(surfaceOf(grid)).toEqual(surfaceOf(denseGrid(rod, 96)));
    expect(evaluator.evaluations).toBeLessThan(0.2 * 97 ** 3);
  });

  it('trusts no value beyond delta', async () => {
    const exact: Distance = (x, y, z) => Math.hypot(x, y, z) - 0.5;
    const wild: Distance = (x, y, z) => exact(x, y, z) * (Math.abs(exact(x, y, z)) < delta ? 1 : 100);
    const { grid } = await evaluateGrid(new AnalyticEvaluator(wild), options(64));
    expect(surfaceOf(grid)).toEqual(surfaceOf(denseGrid(wild, 64)));
    // A corner that was not evaluated has a bound: right in sign, and no larger than what is true.
    const side = 65;
    const distances = denseGrid(exact, 64).values;
    let bounds = 0;
    for (let n = 0; n < side ** 3; n++) {
      const corner = [n % side, Math.floor(n / side) % side, Math.floor(n / side ** 2)] as const;
      if (!Number.isNaN(grid.evaluated(...corner))) continue;
      bounds++;
      const bound = grid.value(...corner);
      if (bound < 0 !== distances[n] < 0 || Math.abs(bound) > Math.abs(distances[n]))
        expect.fail(`bound ${bound}, distance ${distances[n]}`);
    }
    expect(bounds).toBeGreaterThan(0.5 * side ** 3);
  });
});

describe('grid evaluation', () => {
  const sphere = new AnalyticEvaluator(clamped(SHAPES.sphere.distance));

  it('closes a shape that leaves the cube as the full grid does', async () => {
    const large = clamped((x, y, z) => Math.hypot(x, y, z) - 1.3);
    const { grid } = await evaluateGrid(new AnalyticEvaluator(large), options(64));
    expect(marchingCubes(grid).closedAtBoundary).toBe(true);
    expect(surfaceOf(grid)).toEqual(surfaceOf(denseGrid(large, 64)));
  });

  it('reports progress that never falls, and gives way to the page', async () => {
    const shares: number[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await evaluateGrid(sphere, { ...options(256), onProgress: (share) => shares.push(share) });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
    expect(shares.length).toBeGreaterThan(3);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBeLessThanOrEqual(1);
  });

  it('stops when aborted', async () => {
    const abort = new AbortController();
    const run = evaluateGrid(sphere, { ...options(256), signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) });
    await expect(run).rejects.toThrow('enough');
  });

  it('refuses a resolution above the cap with what it would take', async () => {
    await expect(evaluateGrid(sphere, options(5000))).rejects.toMatchObject({
      code: 'RESOLUTION_TOO_LARGE',
      message: expect.stringMatching(/resolution 5000 is above 1024: it would take about [\d.]+ GiB and \d+ minutes/),
    });
  });

  it.each([
    ['resolution', { resolution: 0 }],
    ['resolution', { resolution: 12.5 }],
    ['resolution', { resolution: Number.NaN }],
    ['halfExtent', { halfExtent: -1 }],
    ['delta', { delta: 0 }],
    ['stepScale', { stepScale: 1.5 }],
  ])('refuses a bad %s by name', async (name, change) => {
    await expect(evaluateGrid(sphere, { ...options(8), ...change })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      details: expect.objectContaining({ name }),
    });
  });

  it('refuses a decoder that answers NaN', async () => {
    await expect(evaluateGrid(new AnalyticEvaluator(() => Number.NaN), options(8))).rejects.toMatchObject({ code: 'NOT_FINITE' });
  });
});
