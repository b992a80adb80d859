import { describe, expect, it } from 'vitest';
import { sampleSurface } from '../../src/dataset/sample-surface.js';
import { earthMoversDistance } from '../../src/metrics/earth-movers-distance.js';
import { Random } from '../../src/random.js';
import { sphereMesh, torusMesh } from '../support/dataset-shapes.js';

function permutations(count: number): number[][] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((shorter) =>
    Array.from({ length: count }, (_, at) => [...shorter.slice(0, at), count - 1, ...shorter.slice(at)]),
  );
}

/** The smallest mean distance over every way to pair the points, float64. */
function exhaustive(a: Float32Array, b: Float32Array): number {
  const count = a.length / 3;
  const distance = (i: number, j: number) => Math.hypot(a[3 * i] - b[3 * j], a[3 * i + 1] - b[3 * j + 1], a[3 * i + 2] - b[3 * j + 2]);
  return Math.min(...permutations(count).map((partners) => partners.reduce((sum, j, i) => sum + distance(i, j), 0) / count));
}

/** The cost of the best assignment by the Hungarian method with potentials (Kuhn 1955, Munkres 1957), float64. */
function hungarian(costs: readonly Float64Array[]): number {
  const count = costs.length;
  // Index 0 of columns stands for the row that is being assigned.
  const [rowPotential, columnPotential] = [new Float64Array(count), new Float64Array(count + 1)];
  const rowOf = new Int32Array(count + 1).fill(-1);
  for (let row = 0; row < count; row++) {
    rowOf[0] = row;
    const slack = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
    const from = new Int32Array(count + 1);
    const used = new Uint8Array(count + 1);
    let column = 0;
    do {
      used[column] = 1;
      let [next, delta] = [0, Number.POSITIVE_INFINITY];
      for (let j = 1; j <= count; j++) {
        if (used[j]) continue;
        const reduced = costs[rowOf[column]][j - 1] - rowPotential[rowOf[column]] - columnPotential[j];
        if (reduced < slack[j]) {
          slack[j] = reduced;
          from[j] = column;
        }
        if (slack[j] < delta) [next, delta] = [j, slack[j]];
      }
      for (let j = 0; j <= count; j++) {
        if (used[j]) {
          rowPotential[rowOf[j]] += delta;
          columnPotential[j] -= delta;
        } else slack[j] -= delta;
      }
      column = next;
    } while (rowOf[column] >= 0);
    for (; column !== 0; column = from[column]) rowOf[column] = rowOf[from[column]];
  }
  return costs.reduce((sum, _, row) => sum + costs[row][rowOf.indexOf(row, 1) - 1], 0);
}

const random = new Random(1);
const draw = (count: number, value = () => random.range(-1, 1)) => Float32Array.from({ length: 3 * count }, value);
const code = (wanted: string) => expect.objectContaining({ code: wanted });

describe("earth mover's distance", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is that of the best of all pairings of %i points', (count) => {
    for (let round = 0; round < (count < 8 ? 20 : 2); round++) {
      const [a, b] = [draw(count), draw(count)];
      const exact = exhaustive(a, b);
      expect(Math.abs(earthMoversDistance(a, b) - exact) / exact).toBeLessThan(1e-9);
    }
  });

  it.each([
    ['two samplings of one surface', torusMesh(0.6, 0.25), torusMesh(0.6, 0.25)],
    ['a torus and a sphere', torusMesh(0.6, 0.25), sphereMesh(0.8)],
  ])('is that of another exact assignment at the paper’s 500 points: %s', (_, one, other) => {
    const [a, b] = [sampleSurface(one, 500, new Random(11)).points, sampleSurface(other, 500, new Random(12)).points];
    const costs = Array.from({ length: 500 }, (_, i) =>
      Float64Array.from({ length: 500 }, (_, j) =>
        Math.hypot(a[3 * i] - b[3 * j], a[3 * i + 1] - b[3 * j + 1], a[3 * i + 2] - b[3 * j + 2]),
      ),
    );
    const exact = hungarian(costs) / 500;
    expect(Math.abs(earthMoversDistance(a, b) - exact) / exact).toBeLessThan(1e-9);
    // Which partners are chosen matters: as they come, they lie apart.
    expect(costs.reduce((sum, row, i) => sum + row[i], 0) / 500).toBeGreaterThan(2 * exact);
  });

  it('is exact where many pairings are equally good', () => {
    for (let round = 0; round < 40; round++) {
      const [a, b] = [draw(6, () => random.index(2)), draw(6, () => random.index(3))];
      expect(earthMoversDistance(a, b)).toBeCloseTo(exhaustive(a, b), 12);
    }
  });

  it('is 0 for the same points in another order, and the length of a short shift', () => {
    const { points } = sampleSurface(torusMesh(0.6, 0.25), 500, random);
    const order = random.shuffle(Array.from({ length: 500 }, (_, i) => i));
    const shuffled = Float32Array.from(points, (_, i) => points[3 * order[Math.floor(i / 3)] + (i % 3)]);
    expect(earthMoversDistance(points, shuffled)).toBe(0);
    // No pairing moves the centre of mass by less.
    const shifted = shuffled.map((value, i) => (i % 3 === 1 ? value + 0.25 : value));
    expect(earthMoversDistance(points, shifted)).toBeCloseTo(0.25, 6);
  });

  it('does not pair two points with one, as nearest neighbours would', () => {
    expect(earthMoversDistance(Float32Array.of(0, 0, 0, 0, 0, 0), Float32Array.of(0, 0, 0, 3, 4, 0))).toBe(2.5);
  });

  it('is the same both ways, and 1,000 points take seconds at most', () => {
    const [a, b] = [sampleSurface(sphereMesh(0.9), 1000, random).points, sampleSurface(sphereMesh(0.5), 1000, random).points];
    const distance = earthMoversDistance(a, b);
    expect(earthMoversDistance(b, a)).toBeCloseTo(distance, 12);
    expect(distance).toBeGreaterThan(0.39);
    expect(distance).toBeLessThan(0.45);
  });

  it('refuses none, unequal counts, and more points than it can match', () => {
    expect(() => earthMoversDistance(new Float32Array(0), new Float32Array(0))).toThrowError(code('MESH_EMPTY'));
    expect(() => earthMoversDistance(new Float32Array(6), new Float32Array(3))).toThrowError(code('SHAPE_MISMATCH'));
    expect(() => earthMoversDistance(new Float32Array(9000), new Float32Array(9000))).toThrowError(code('INVALID_ARGUMENT'));
  });
});
