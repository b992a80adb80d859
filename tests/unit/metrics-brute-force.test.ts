import { describe, expect, it } from 'vitest';
import { sampleSurface } from '../../src/dataset/sample-surface.js';
import { SignedDistanceQuery } from '../../src/dataset/signed-distance.js';
import { distanceToTruth } from '../../src/evaluation/surface-figures.js';
import type { TriangleMesh } from '../../src/mesh.js';
import { meshAccuracy } from '../../src/metrics/mesh-accuracy.js';
import { meshCompletion } from '../../src/metrics/mesh-completion.js';
import { pointToSurface } from '../../src/metrics/point-to-surface.js';
import { Random } from '../../src/random.js';
import { joinMeshes, moved, sphereMesh, torusMesh } from '../support/dataset-shapes.js';

type Vector = readonly number[];
const minus = (a: Vector, b: Vector): Vector => a.map((value, i) => value - b[i]);
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Vector, b: Vector): Vector => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

function toSegment(p: Vector, a: Vector, b: Vector): number {
  const [ab, ap] = [minus(b, a), minus(p, a)];
  const t = Math.min(1, Math.max(0, dot(ap, ab) / dot(ab, ab)));
  return Math.hypot(...minus(ap, [t * ab[0], t * ab[1], t * ab[2]]));
}

/** By the plane where the foot of the perpendicular lies inside all three edges, by the edges otherwise. */
function toTriangle(p: Vector, corners: readonly Vector[]): number {
  const [a, b, c] = corners;
  const normal = cross(minus(b, a), minus(c, a));
  const inside = corners.every((from, i) => dot(cross(minus(corners[(i + 1) % 3], from), minus(p, from)), normal) >= 0);
  if (inside) return Math.abs(dot(minus(p, a), normal)) / Math.hypot(...normal);
  return Math.min(toSegment(p, a, b), toSegment(p, b, c), toSegment(p, c, a));
}

/** [n] distance of each point to the nearest of all triangles, ascending. */
function bruteForce(points: Float32Array, { positions, triangles }: TriangleMesh): number[] {
  const vertex = (index: number): Vector => [positions[3 * index], positions[3 * index + 1], positions[3 * index + 2]];
  const faces = Array.from({ length: triangles.length / 3 }, (_, t) => [0, 1, 2].map((corner) => vertex(triangles[3 * t + corner])));
  const distances = Array.from({ length: points.length / 3 }, (_, i) => {
    const point = [points[3 * i], points[3 * i + 1], points[3 * i + 2]];
    return Math.min(...faces.map((face) => toTriangle(point, face)));
  });
  return distances.sort((a, b) => a - b);
}

const relative = (a: number, b: number): number => Math.abs(a - b) / Math.abs(b);

describe('against every triangle in float64', () => {
  const truth = joinMeshes(torusMesh(0.6, 0.25, 24, 12), moved(sphereMesh(0.2, 2), [0.1, 0, 0.05]));
  const { points } = sampleSurface(torusMesh(0.6, 0.245, 40, 20), 500, new Random(3));
  const query = new SignedDistanceQuery(truth);
  const exact = bruteForce(points, truth);

  it('the mean distance to a surface', () => {
    expect(relative(pointToSurface(points, query), exact.reduce((sum, d) => sum + d, 0) / exact.length)).toBeLessThan(1e-9);
  });

  it.each([0.1, 0.5, 0.9, 1])('mesh accuracy at %d', (share) => {
    expect(relative(meshAccuracy(points, query, share), exact[Math.ceil(share * exact.length) - 1])).toBeLessThan(1e-9);
  });

  it.each([0.002, 0.005, 0.007])('mesh completion within %d', (threshold) => {
    const within = exact.filter((distance) => distance <= threshold).length / exact.length;
    expect(within).toBeGreaterThan(0.05);
    expect(within).toBeLessThan(1);
    expect(meshCompletion(points, query, threshold)).toBe(within);
  });
});

describe('where the truth is known by points alone', () => {
  const truth = sampleSurface(torusMesh(0.6, 0.25), 2000, new Random(5));
  const made = sampleSurface(torusMesh(0.58, 0.26), 400, new Random(6));
  const surface = distanceToTruth({ samples: truth });
  const exact = Array.from({ length: 400 }, (_, i) => {
    const p = [...made.points.subarray(3 * i, 3 * i + 3)];
    return Math.min(...Array.from({ length: 2000 }, (_, j) => Math.hypot(...minus(p, [...truth.points.subarray(3 * j, 3 * j + 3)]))));
  }).sort((a, b) => a - b);

  it('the mean distance to it, mesh accuracy and completion are those of all pairs', () => {
    expect(relative(pointToSurface(made.points, surface), exact.reduce((sum, d) => sum + d, 0) / 400)).toBeLessThan(1e-9);
    expect(relative(meshAccuracy(made.points, surface), exact[359])).toBeLessThan(1e-9);
    for (const threshold of [exact[100] + 1e-9, exact[300] + 1e-9]) {
      expect(meshCompletion(made.points, surface, threshold)).toBe(exact.filter((distance) => distance <= threshold).length / 400);
    }
  });
});
