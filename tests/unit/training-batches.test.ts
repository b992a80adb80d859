import { describe, expect, it } from 'vitest';
import type { ShapeSamples } from '../../src/dataset/samples.js';
import { Random } from '../../src/random.js';
import { BatchSource } from '../../src/training/batches.js';
import { STENCIL } from '../../src/training/eikonal.js';
import { MemorySamples } from '../../src/training/memory-samples.js';
import { rowOrder } from '../../src/training/row-order.js';
import { sampledFields } from '../support/sampled-fields.js';

const settings = { shapesPerStep: 2, samplesPerShape: 1024, delta: 0.1 };

/** Rows that say which they are: x is the row, y the side, z the shape. */
function numberedShape(shape: number, negative: number, positive: number): ShapeSamples {
  const rows = (count: number, side: number) =>
    Float32Array.from({ length: 4 * count }, (_, i) => [i >> 2, side, shape, side * 0.01][i % 4]);
  return { name: `shape ${shape}`, negative: rows(negative, -1), positive: rows(positive, 1) };
}

describe('batches', () => {
  it('draw every row of a shape equally often, the first and the last too', async () => {
    const rows = 1000;
    const batches = new BatchSource(new MemorySamples([numberedShape(0, rows, rows)]), { ...settings, shapesPerStep: 1 }, new Random(3));
    const counts = new Uint32Array(rows);
    const draws = 600;
    for (let i = 0; i < draws; i++) {
      const { points, distances } = await batches.next();
      distances.forEach((distance, row) => {
        if (distance < 0) counts[points[3 * row]]++;
      });
    }
    const expected = (draws * 512) / rows;
    expect(counts.reduce((a, b) => a + b)).toBe(draws * 512);
    // Two blocks of 256 a draw: a row is in about a quarter of the blocks, and its count has a deviation of 15.
    expect(Math.min(...counts)).toBeGreaterThan(expected - 75);
    expect(Math.max(...counts)).toBeLessThan(expected + 75);
  });

  it('take blocks that never repeat a row, and mix what is neighbours in a file', async () => {
    const batches = new BatchSource(
      new MemorySamples([numberedShape(0, 5000, 5000)]),
      { ...settings, shapesPerStep: 1, samplesPerShape: 512 },
      new Random(4),
    );
    const { points } = await batches.next();
    const inside = points.filter((_, i) => i % 6 === 0);
    expect(new Set(inside).size).toBe(256);
    const steps = inside.slice(1).map((row, i) => Math.abs(row - inside[i]));
    expect([...steps].sort((a, b) => a - b)[128]).toBeGreaterThan(500);
  });

  it('have as many inside as outside, at even and odd places, whatever a shape has of each', async () => {
    const batches = new BatchSource(new MemorySamples([numberedShape(0, 3, 700), numberedShape(1, 9000, 1)]), settings, new Random(5));
    for (let i = 0; i < 20; i++) {
      const { shapes, points, distances } = await batches.next();
      expect([...shapes].sort()).toEqual([0, 1]);
      const signs = distances.map(Math.sign);
      expect(signs).toEqual(signs.map((_, row) => (row % 2 === 0 ? -1 : 1)));
      const shapeOfRow = points.filter((_, at) => at % 3 === 2);
      expect(shapeOfRow).toEqual(shapeOfRow.map((_, row) => shapes[Math.floor(row / 1024)]));
    }
  });

  it('go on as they were from a saved state, although one is read ahead', async () => {
    const source = new MemorySamples(sampledFields());
    const eikonal = { weight: 0.1, step: 0.02, stencilsPerShape: 5 };
    const alone = new BatchSource(source, { ...settings, eikonal }, new Random(6));
    for (let i = 0; i < 4; i++) await alone.next();
    const saved = JSON.parse(JSON.stringify(alone.save()));
    const resumed = new BatchSource(source, { ...settings, eikonal }, new Random(7));
    resumed.restore(saved);
    for (let i = 0; i < 4; i++) expect(await resumed.next()).toEqual(await alone.next());
  });

  it('add stencils behind the samples of each shape, half of them around samples near the surface', async () => {
    const step = 0.03;
    const eikonal = { weight: 0.1, step, stencilsPerShape: 16 };
    const batches = new BatchSource(new MemorySamples(sampledFields()), { ...settings, delta: 0.02, eikonal }, new Random(8));
    const { samplesPerShape, stencilsPerShape, points, distances } = await batches.next();
    expect([samplesPerShape, stencilsPerShape]).toEqual([1024 + 64, 16]);
    expect(points.length).toBe(3 * distances.length);
    for (const first of [0, samplesPerShape]) {
      const near = new Set<string>();
      for (let row = first; row < first + 1024; row++) {
        if (Math.abs(distances[row]) < 0.02) near.add([...points.subarray(3 * row, 3 * row + 3)].map((x) => x.toFixed(5)).join());
      }
      const centers = Array.from({ length: 16 }, (_, i) => {
        const at = first + 1024 + 4 * i;
        const corners = STENCIL.map((k, corner) => [0, 1, 2].map((axis) => points[3 * (at + corner) + axis] - step * k[axis]));
        expect(corners.flat().every((x, i) => Math.abs(x - corners[0][i % 3]) < 1e-6)).toBe(true);
        expect(distances.subarray(at, at + 4)).toEqual(new Float32Array(4));
        return corners[0].map((x) => x.toFixed(5)).join();
      });
      expect(centers.filter((center) => near.has(center)).length).toBeGreaterThanOrEqual(7);
      expect(new Set(centers).size).toBe(16);
      expect(centers.filter((_, i) => i % 2 === 1).some((center) => near.has(center))).toBe(false);
    }
  });

  it('report a read that failed to whoever asks for that batch, and to nobody else', async () => {
    const source = new MemorySamples(sampledFields());
    const batches = new BatchSource(source, settings, new Random(9));
    source.read = async () => {
      throw new Error('disk gone');
    };
    await expect(batches.next()).rejects.toThrow('disk gone');
    await batches.settle();
  });
});

describe('the order of rows', () => {
  it('is a permutation, always the same, and no fixed point of the file order', () => {
    const order = rowOrder(10000);
    expect(order).toEqual(rowOrder(10000));
    expect(Uint32Array.from(order).sort()).toEqual(Uint32Array.from({ length: 10000 }, (_, i) => i));
    expect(order.filter((row, i) => row === i).length).toBeLessThan(10);
  });
});
