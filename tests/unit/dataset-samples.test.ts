import { existsSync, readFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { formatNpy, parseNpy } from '../../src/dataset/npy.js';
import { readNpz, writeNpz } from '../../src/dataset/npz.js';
import { sampleShape } from '../../src/dataset/sample-shape.js';
import { sampleSurface } from '../../src/dataset/sample-surface.js';
import { readSamples, writeSamples } from '../../src/dataset/samples.js';
import { SignedDistanceQuery } from '../../src/dataset/signed-distance.js';
import { Random } from '../../src/random.js';
import { boxMesh, sphereMesh, torusMesh } from '../support/dataset-shapes.js';

const invalid = (message?: RegExp) =>
  expect.objectContaining({ code: 'SAMPLES_INVALID', ...(message && { message: expect.stringMatching(message) }) });

describe('npz', () => {
  const arrays = {
    floats: { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, Number.NaN, 1e-40, -0) },
    doubles: { shape: [3], data: Float64Array.of(Math.PI, -1, 0) },
    scalar: { shape: [], data: Float64Array.of(0.25) },
    longs: { shape: [2], data: BigInt64Array.of(-1n, 2n ** 62n) },
    integers: { shape: [1, 1, 2], data: Int32Array.of(-7, 7) },
    bytes: { shape: [3], data: Uint8Array.of(1, 0, 255) },
    nothing: { shape: [0, 4], data: new Float32Array(0) },
  };

  it('gives every type and shape back, and the same bytes each time', () => {
    const bytes = writeNpz(arrays);
    expect(Object.fromEntries(readNpz(bytes, 'a'))).toEqual(arrays);
    expect(writeNpz(arrays)).toEqual(bytes);
  });

  it('reads DEFLATE', () => {
    const data = Float32Array.from({ length: 4000 }, (_, i) => i % 7);
    const bytes = zipSync({ 'x.npy': formatNpy({ shape: [1000, 4], data }) }, { level: 9 });
    expect(bytes.length).toBeLessThan(data.byteLength / 10);
    expect(readNpz(bytes, 'a').get('x')).toEqual({ shape: [1000, 4], data });
  });

  it('starts data on a multiple of 64, as NumPy does', () => {
    for (const shape of [[1], [1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]]) {
      expect(formatNpy({ shape, data: Float32Array.of(5) }).length % 64).toBe(4);
    }
  });

  it.each([
    ['no .npy at all', new Uint8Array(40), /not a .npy/],
    ['a header that ends beyond the file', formatNpy(arrays.floats).subarray(0, 30), /truncated/],
    ['missing data', formatNpy(arrays.floats).subarray(0, -4), /24 bytes, 20/],
    ['too many data', Uint8Array.of(...formatNpy(arrays.floats), 0), /24 bytes, 25/],
  ])('refuses an array with %s', (_, bytes, message) => {
    expect(() => parseNpy(bytes, 'a')).toThrowError(invalid(message));
  });

  it.each([
    ["'<f4'", "'>f4'", /type >f4/],
    ["'<f4'", "'|O'", /type \|O/],
    ['False', 'True ', /Fortran/],
    ['(2, 3)', '(2, 9)', /72 bytes/],
    ['(2, 3)', '(2,-3)', /without a shape/],
  ])('refuses %s changed to %s', (from, to, message) => {
    const header = new TextDecoder('latin1').decode(formatNpy(arrays.floats));
    const bytes = Uint8Array.from(header.replace(from, to.padEnd(from.length)), (c) => c.charCodeAt(0));
    expect(() => parseNpy(bytes, 'a')).toThrowError(invalid(message));
  });

  it('refuses archives that are cut, or announce more than they can hold', () => {
    const bytes = writeNpz(arrays);
    for (let share = 0; share < 1; share += 0.05) {
      expect(() => readNpz(bytes.subarray(0, Math.floor(share * bytes.length)), 'a')).toThrowError(invalid());
    }
    const lying = zipSync({ 'x.npy': formatNpy({ shape: [1000], data: new Float32Array(1000) }) }, { level: 9 });
    const directory = lying.findLastIndex((_, i) => lying[i] === 0x50 && lying[i + 1] === 0x4b && lying[i + 2] === 1 && lying[i + 3] === 2);
    new DataView(lying.buffer, lying.byteOffset).setUint32(directory + 24, 0xfffffff0, true);
    expect(() => readNpz(lying, 'a')).toThrowError(invalid(/announces 4294967280/));
  });
});

describe('sample files', () => {
  const rows = (count: number, distance: number) => Float32Array.from({ length: 4 * count }, (_, i) => (i % 4 === 3 ? distance : i / 100));

  it('come back as they were written', () => {
    const samples = { name: 'cup', positive: rows(5, 0.5), negative: rows(3, -0.5) };
    expect(readSamples(writeSamples(samples), 'cup')).toEqual({ samples, droppedRows: 0 });
  });

  it('lose rows with NaN or infinity in any column, and say how many', () => {
    const positive = rows(5, 0.5);
    positive[2] = Number.NaN;
    positive[4 * 3 + 3] = Number.POSITIVE_INFINITY;
    const negative = rows(2, -0.5);
    negative[7] = Number.NaN;
    const read = readSamples(writeSamples({ name: 'cup', positive, negative }), 'cup');
    expect(read.droppedRows).toBe(3);
    expect([...read.samples.positive]).toEqual([1, 2, 4].flatMap((row) => [...positive.subarray(4 * row, 4 * row + 4)]));
    expect([...read.samples.negative]).toEqual([...negative.subarray(0, 4)]);
  });

  it.each([
    ['a missing array', { pos: { shape: [1, 4], data: new Float32Array(4) } }, /neg is missing/],
    ['rows of three', { pos: { shape: [1, 3], data: new Float32Array(3) }, neg: { shape: [0, 4], data: new Float32Array(0) } }, /\[1, 3\]/],
    ['integers', { pos: { shape: [1, 4], data: new Int32Array(4) }, neg: { shape: [0, 4], data: new Float32Array(0) } }, /floating/],
    ['no row', { pos: { shape: [0, 4], data: new Float32Array(0) }, neg: { shape: [0, 4], data: new Float32Array(0) } }, /no usable/],
  ])('are refused with %s', (_, arrays, message) => {
    expect(() => readSamples(writeNpz(arrays), 'cup')).toThrowError(invalid(message));
  });

  const folder = '../shared/data/samples/SdfSamples/ShapeNetV2/02691156';
  it.skipIf(!existsSync(folder))('of ShapeNet planes are read, NaN rows dropped (../shared/data)', () => {
    const read = (name: string) => readSamples(readFileSync(`${folder}/${name}.npz`), name);
    const broken = read('d23eecb0437107756c63b8b48495261a');
    expect(broken.droppedRows).toBe(9);
    expect([broken.samples.positive.length, broken.samples.negative.length]).toEqual([4 * 166_981, 4 * 77_624]);
    expect(read('edc9fefa5fb82a0443a0c73d98327de8').droppedRows).toBe(0);
    expect(broken.samples.positive.every(Number.isFinite) && broken.samples.negative.every(Number.isFinite)).toBe(true);
  });
});

describe('sampling a shape', () => {
  const radius = 0.7;
  const mesh = sphereMesh(radius, 4);
  const query = new SignedDistanceQuery(mesh);

  it('gives rows whose distances belong to their points, split by sign', () => {
    const { positive, negative } = sampleShape(query, mesh, { count: 5000 }, new Random(1));
    expect(positive.length + negative.length).toBe(4 * 5000);
    for (const [rows, sign] of [
      [positive, 1],
      [negative, -1],
    ] as const) {
      for (let i = 0; i < rows.length; i += 4) {
        expect(rows[i + 3] * sign).toBeGreaterThanOrEqual(0);
        expect(Math.abs(rows[i + 3] - (Math.hypot(rows[i], rows[i + 1], rows[i + 2]) - radius))).toBeLessThan(3e-3);
      }
    }
  });

  it('puts 47 of 50 near the surface, half with each variance, the rest anywhere in the cube', () => {
    const count = 20_000;
    // Without noise, points lie on the facets: told from uniform ones by their distance.
    const exact = sampleShape(query, mesh, { count, variances: [0] }, new Random(2));
    const all = [...exact.positive, ...exact.negative].filter((_, i) => i % 4 === 3);
    expect(all.filter((distance) => Math.abs(distance) < 1e-6).length / count).toBeCloseTo(47 / 50, 2);
    const uniform = sampleShape(query, mesh, { count, uniformShare: 1 }, new Random(3));
    expect(uniform.negative.length / 4 / count).toBeCloseTo(((4 / 3) * Math.PI * radius ** 3) / 8, 1);
    expect(Math.max(...uniform.positive.filter((_, i) => i % 4 < 3).map(Math.abs))).toBeGreaterThan(0.999);
    // A small noise step leaves the sphere along its normal: the distance has the same variance.
    const near = sampleShape(query, mesh, { count, uniformShare: 0, variances: [0.0005] }, new Random(4));
    const distances = [...near.positive, ...near.negative].filter((_, i) => i % 4 === 3);
    const variance = distances.reduce((sum, d) => sum + d * d, 0) / count;
    expect(variance).toBeGreaterThan(0.00045);
    expect(variance).toBeLessThan(0.00055);
  });

  it('repeats for a seed, and reports progress to the end', () => {
    const progress: number[] = [];
    const draw = (seed: number) => sampleShape(query, mesh, { count: 10_000 }, new Random(seed), (done) => progress.push(done));
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
    expect(progress.slice(0, 3)).toEqual([0, 0.8192, 1]);
  });

  it.each([
    ['count', { count: 0 }],
    ['uniformShare', { uniformShare: 1.5 }],
    ['variances', { variances: [-1] }],
    ['variances', { variances: [] }],
  ])('refuses a bad %s', (name, options) => {
    expect(() => sampleShape(query, mesh, options, new Random(1))).toThrowError(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(name) }),
    );
  });
});

describe('surface points', () => {
  it('lie on the surface, in proportion to area, with outward unit normals', () => {
    const mesh = boxMesh(0.5, 0.25, 0.125);
    const { points, normals } = sampleSurface(mesh, 30_000, new Random(1));
    const half = [0.5, 0.25, 0.125];
    const perAxis = [0, 0, 0];
    for (let i = 0; i < points.length; i += 3) {
      const axis = [0, 1, 2].find((a) => Math.abs(normals[i + a]) === 1)!;
      expect(points[i + axis]).toBe(normals[i + axis] * half[axis]);
      expect([0, 1, 2].every((a) => Math.abs(points[i + a]) <= half[a])).toBe(true);
      perAxis[axis]++;
    }
    const areas = [half[1] * half[2], half[0] * half[2], half[0] * half[1]];
    const total = areas[0] + areas[1] + areas[2];
    for (let axis = 0; axis < 3; axis++) expect(perAxis[axis] / 30_000).toBeCloseTo(areas[axis] / total, 1.7);
  });

  it('are uniform within a triangle', () => {
    const mesh = { positions: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0), triangles: Uint32Array.of(0, 1, 2) };
    const { points } = sampleSurface(mesh, 40_000, new Random(2));
    // The half-size triangle at each corner, and the one in the middle, hold a quarter each.
    const share = (inside: (x: number, y: number) => boolean) =>
      Array.from({ length: 40_000 }, (_, i) => Number(inside(points[3 * i], points[3 * i + 1]))).reduce((a, b) => a + b) / 40_000;
    expect(share((x) => x > 0.5)).toBeCloseTo(0.25, 2);
    expect(share((_, y) => y > 0.5)).toBeCloseTo(0.25, 2);
    expect(share((x, y) => x + y < 0.5)).toBeCloseTo(0.25, 2);
  });

  it('are refused for a mesh without area', () => {
    const line = { positions: Float32Array.of(0, 0, 0, 1, 0, 0, 2, 0, 0), triangles: Uint32Array.of(0, 1, 2) };
    expect(() => sampleSurface(line, 10, new Random(1))).toThrowError(expect.objectContaining({ code: 'MESH_EMPTY' }));
    expect(sampleSurface(torusMesh(0.6, 0.2, 8, 8), 0, new Random(1)).points).toHaveLength(0);
  });
});
