import { describe, expect, it } from 'vitest';
import { sampleSurface } from '../../src/dataset/sample-surface.js';
import { SignedDistanceQuery } from '../../src/dataset/signed-distance.js';
import type { DistanceEvaluator } from '../../src/decoder/evaluator.js';
import { meshVolume } from '../../src/mesh-volume.js';
import { chamferDistance } from '../../src/metrics/chamfer-distance.js';
import { cosineSimilarity } from '../../src/metrics/cosine-similarity.js';
import { meshAccuracy } from '../../src/metrics/mesh-accuracy.js';
import { meshCompletion } from '../../src/metrics/mesh-completion.js';
import { pointToSurface } from '../../src/metrics/point-to-surface.js';
import { measureStepScale } from '../../src/metrics/step-scale.js';
import { Random } from '../../src/random.js';
import { boxMesh, moved, sphereMesh, torusMesh } from '../support/dataset-shapes.js';

/** Index of and squared distance to the nearest of `to`, for each of `from`, by trying all. */
function bruteForceNearest(from: Float32Array, to: Float32Array): { index: number; squared: number }[] {
  return Array.from({ length: from.length / 3 }, (_, i) => {
    let best = { index: -1, squared: Number.POSITIVE_INFINITY };
    for (let j = 0; j < to.length / 3; j++) {
      const squared = (from[3 * i] - to[3 * j]) ** 2 + (from[3 * i + 1] - to[3 * j + 1]) ** 2 + (from[3 * i + 2] - to[3 * j + 2]) ** 2;
      if (squared < best.squared) best = { index: j, squared };
    }
    return best;
  });
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const relative = (a: number, b: number): number => Math.abs(a - b) / Math.abs(b);
const empty = expect.objectContaining({ code: 'MESH_EMPTY' });

const truth = sampleSurface(torusMesh(0.6, 0.25), 2000, new Random(1));
const generated = sampleSurface(torusMesh(0.58, 0.27), 1500, new Random(2));

describe('Chamfer distance', () => {
  it('is that of all pairs in float64', () => {
    const exact =
      mean(bruteForceNearest(truth.points, generated.points).map((n) => n.squared)) +
      mean(bruteForceNearest(generated.points, truth.points).map((n) => n.squared));
    expect(relative(chamferDistance(truth.points, generated.points), exact)).toBeLessThan(1e-9);
    expect(relative(chamferDistance(generated.points, truth.points), exact)).toBeLessThan(1e-9);
  });

  it('is 0 for the same points, and known for one point against two', () => {
    expect(chamferDistance(truth.points, truth.points)).toBe(0);
    expect(chamferDistance(Float32Array.of(0, 0, 0), Float32Array.of(0, 0, 2, 1, 0, 0))).toBe(1 + (4 + 1) / 2);
  });

  it('takes points that all coincide, and refuses none', () => {
    expect(chamferDistance(new Float32Array(300), new Float32Array(300).fill(1))).toBe(6);
    expect(() => chamferDistance(new Float32Array(300_000), truth.points)).toThrowError(expect.objectContaining({ code: 'MESH_INVALID' }));
    expect(() => chamferDistance(new Float32Array(0), truth.points)).toThrowError(empty);
    expect(() => chamferDistance(truth.points, new Float32Array(0))).toThrowError(empty);
  });

  it('has the known floor between two samplings of one unit-size surface', () => {
    const mesh = sphereMesh(0.97, 5);
    const [a, b] = [3, 4].map((seed) => sampleSurface(mesh, 30_000, new Random(seed)).points);
    // Uniform points of density d on a plane: the mean squared nearest distance is 1 / (pi d), each way.
    const expected = (2 * 4 * Math.PI * 0.97 ** 2) / (Math.PI * 30_000);
    expect(relative(chamferDistance(a, b), expected)).toBeLessThan(0.03);
  });
});

describe('distances to a surface', () => {
  const surface = new SignedDistanceQuery(boxMesh(0.5, 0.5, 0.5));
  // Above the top face by 0.000, 0.001, ..., 0.099.
  const points = Float32Array.from({ length: 300 }, (_, i) => (i % 3 === 2 ? 0.5 + Math.floor(i / 3) / 1000 : 0.1));

  it('average to their mean, inside and outside alike', () => {
    expect(pointToSurface(points, surface)).toBeCloseTo(0.0495, 7);
    expect(pointToSurface(Float32Array.of(0, 0, 0.4, 0, 0, 0.6), surface)).toBeCloseTo(0.1, 7);
  });

  it('give the accuracy as the distance that 90 % stay within', () => {
    expect(meshAccuracy(points, surface)).toBeCloseTo(0.089, 6);
    expect(meshAccuracy(points, surface, 1)).toBeCloseTo(0.099, 6);
    expect(meshAccuracy(points.subarray(0, 3), surface)).toBe(0);
  });

  it('give the completion as the share within 0.01', () => {
    expect(
      meshCompletion(
        points.map((v, i) => (i % 3 === 2 ? v + 0.0005 : v)),
        surface,
      ),
    ).toBe(0.1);
    expect(meshCompletion(points, surface, 1)).toBe(1);
  });

  it('need points', () => {
    for (const metric of [pointToSurface, meshAccuracy, meshCompletion])
      expect(() => metric(new Float32Array(0), surface)).toThrowError(empty);
  });
});

describe('cosine similarity', () => {
  it('is that of all pairs in float64', () => {
    const dots = bruteForceNearest(generated.points, truth.points).map(({ index }, i) =>
      [0, 1, 2].reduce((sum, axis) => sum + generated.normals[3 * i + axis] * truth.normals[3 * index + axis], 0),
    );
    const { signed, absolute } = cosineSimilarity(generated, truth);
    expect(relative(signed, mean(dots))).toBeLessThan(1e-9);
    expect(relative(absolute, mean(dots.map(Math.abs)))).toBeLessThan(1e-9);
    expect(signed).toBeGreaterThan(0.95);
  });

  it('tells a mesh that is inside out by its sign alone', () => {
    const { signed, absolute } = cosineSimilarity({ points: truth.points, normals: truth.normals.map((n) => -n) }, truth);
    expect(signed).toBeCloseTo(-1, 6);
    expect(absolute).toBeCloseTo(1, 6);
  });
});

describe('volume', () => {
  it.each([
    ['box', boxMesh(0.5, 1, 2), 8, 1e-12],
    ['far box', moved(boxMesh(0.5, 1, 2), [64, -128, 256]), 8, 1e-12],
    ['torus', torusMesh(0.6, 0.25, 256, 128), 2 * Math.PI ** 2 * 0.6 * 0.25 ** 2, 1e-3],
    ['sphere', sphereMesh(0.7, 5), (4 / 3) * Math.PI * 0.7 ** 3, 2e-3],
  ])('of a %s', (_, mesh, exact, tolerance) => {
    expect(relative(meshVolume(mesh), exact)).toBeLessThan(tolerance);
    expect(meshVolume({ positions: mesh.positions, triangles: mesh.triangles.slice().reverse() })).toBeCloseTo(-meshVolume(mesh), 10);
  });
});

describe('step scale', () => {
  const radius = 0.7;
  const mesh = sphereMesh(radius, 5);
  const sphere = (f: (distance: number) => number): DistanceEvaluator => ({
    evaluate: (points, out) => {
      for (let i = 0; i < out.length; i++) out[i] = f(Math.hypot(points[3 * i], points[3 * i + 1], points[3 * i + 2]) - radius);
    },
  });
  const measure = (f: (distance: number) => number, delta = 0.1) => measureStepScale(sphere(f), mesh, delta, new Random(1));

  it('is 1 where values are distances or less, and the inverse of an overestimate', () => {
    expect(measure((d) => d - 0.001)).toBe(1);
    expect(measure((d) => 1.25 * d)).toBeCloseTo(0.8, 2);
    // Clamping caps the step: only overestimates within delta count.
    expect(measure((d) => (d > 0.2 ? 10 * d : d - 0.001))).toBe(1);
    expect(measure((d) => (d > 0.2 ? 10 * d : d - 0.001), 10)).toBeCloseTo(0.1, 2);
  });

  it('leaves one point in a thousand unsafe, not more', () => {
    const scale = measure((d) => d * (1 + 5 * Math.max(0, 0.1 - Math.abs(d))));
    let unsafe = 0;
    let outside = 0;
    const random = new Random(2);
    const surface = new SignedDistanceQuery(mesh);
    for (let i = 0; i < 20_000; i++) {
      const p = [random.range(-1, 1), random.range(-1, 1), random.range(-1, 1)] as const;
      const distance = surface.distance(...p);
      const d = Math.hypot(...p) - radius;
      if (distance <= 0) continue;
      outside++;
      unsafe += Number(scale * Math.min(0.1, d * (1 + 5 * Math.max(0, 0.1 - Math.abs(d)))) > distance);
    }
    expect(unsafe / outside).toBeLessThan(0.002);
    expect(scale).toBeGreaterThan(0.6);
  });

  it('has no answer without a point outside', () => {
    expect(() => measure(() => -1)).toThrowError(expect.objectContaining({ code: 'EMPTY_SHAPE' }));
  });
});
