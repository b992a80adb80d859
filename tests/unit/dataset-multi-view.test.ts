import { describe, expect, it } from 'vitest';
import { DEFAULT_MULTI_VIEW_OPTIONS, MultiViewQuery } from '../../src/dataset/multi-view-query.js';
import { NearestPoints } from '../../src/dataset/nearest-points.js';
import { directionOfView, renderViews, SIDE } from '../../src/dataset/render-views.js';
import { sampleShape } from '../../src/dataset/sample-shape.js';
import { type SurfaceSamples, sampleSurface } from '../../src/dataset/sample-surface.js';
import { spatialOrder } from '../../src/dataset/spatial-order.js';
import type { TriangleMesh } from '../../src/mesh.js';
import { Random } from '../../src/random.js';
import { boxMesh, joinMeshes, keepTriangles, moved, sphereMesh } from '../support/dataset-shapes.js';

/** Fewer and smaller views than the paper's, for speed. */
const LOOKING = { ...DEFAULT_MULTI_VIEW_OPTIONS, views: 40, viewSize: 150 };
const code = (wanted: string) => expect.objectContaining({ code: wanted });
const turned = ({ positions, triangles }: TriangleMesh): TriangleMesh => ({ positions, triangles: triangles.slice().reverse() });
const isInside = (query: MultiViewQuery, x: number, y: number, z: number) => query.distance(x, y, z) < 0;

/** The largest of what a function says of points. */
const worst = (points: Float32Array, of: (x: number, y: number, z: number, at: number) => number): number => {
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < points.length; at += 3) most = Math.max(most, of(points[at], points[at + 1], points[at + 2], at));
  return most;
};
/** How far normals fall short of pointing away from the origin. */
const inward = ({ points, normals }: SurfaceSamples): number =>
  worst(points, (x, y, z, at) => 1 - (x * normals[at] + y * normals[at + 1] + z * normals[at + 2]) / Math.hypot(x, y, z));

describe('cameras', () => {
  it('look from directions that are spread evenly over the sphere', () => {
    const directions = Array.from({ length: 100 }, (_, view) => directionOfView(view, 100));
    for (const direction of directions) expect(Math.hypot(...direction)).toBeCloseTo(1, 12);
    // One direction's own share of the sphere is a cap of 11.5 degrees: none has a neighbour in it, none is farther from one than two.
    for (const [i, a] of directions.entries()) {
      const cosines = directions.filter((_, j) => j !== i).map((b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]);
      const degrees = (Math.acos(Math.max(...cosines)) * 180) / Math.PI;
      expect(degrees).toBeGreaterThan(14);
      expect(degrees).toBeLessThan(23);
    }
  });

  it('see a ball as a disc in every view, its points on its surface, its triangles from one side', () => {
    const radius = 0.8;
    const ball = sphereMesh(radius, 4);
    for (const [mesh, side] of [
      [ball, SIDE.front],
      [turned(ball), SIDE.back],
    ] as const) {
      const { points, faces, sides, badObservations, badTriangles } = renderViews(mesh, { views: 20, viewSize: 100 });
      expect(faces.length / 20 / 100 ** 2).toBeCloseTo((Math.PI * radius ** 2) / 4, 2);
      expect(worst(points, (x, y, z) => Math.abs(Math.hypot(x, y, z) - radius))).toBeLessThan(4e-3);
      expect(sides.every((seen) => seen === side)).toBe(true);
      expect([badObservations, badTriangles]).toEqual([0, 0]);
    }
  });

  it('put each point onto the plane of its triangle', () => {
    const mesh = boxMesh(0.5, 0.3, 0.6);
    const { points, faces } = renderViews(mesh, { views: 12, viewSize: 60 });
    const half = [0.5, 0.3, 0.6];
    const off = worst(points, (x, y, z, at) => {
      // Two triangles a side: left, right, bottom, top, back, front.
      const side = faces[at / 3] >> 2;
      return Math.abs([x, y, z][side >> 1] - (side & 1 ? 1 : -1) * half[side >> 1]);
    });
    expect(off).toBeLessThan(1e-6);
  });

  it('see the nearest surface only: not what lies within', () => {
    const { sides } = renderViews(joinMeshes(boxMesh(0.5, 0.5, 0.5), sphereMesh(0.3, 2)), { views: 30, viewSize: 80 });
    expect([...sides.subarray(0, 12)].every((side) => side === SIDE.front)).toBe(true);
    expect([...sides.subarray(12)].every((side) => side === SIDE.unseen)).toBe(true);
  });

  it('count what is seen from both sides', () => {
    const half = keepTriangles(sphereMesh(0.8, 3), (t) => t < 256);
    const { faces, badObservations, badTriangles } = renderViews(half, { views: 40, viewSize: 80 });
    expect(badTriangles).toBe(256);
    // Each is good until its other side is seen: not by the first view, but soon.
    expect(badObservations / faces.length).toBeGreaterThan(0.4);
    expect(badObservations / faces.length).toBeLessThan(0.98);
  });

  it('report progress', () => {
    const shares: number[] = [];
    renderViews(sphereMesh(0.5, 1), { views: 4, viewSize: 16 }, (share) => shares.push(share));
    expect(shares).toEqual([0.25, 0.5, 0.75, 1]);
  });
});

describe('nearest points', () => {
  it('are those of brute force, nearest first, ties and repeated points included', () => {
    const random = new Random(1);
    const points = Float32Array.from({ length: 3 * 2000 }, () => Math.round(random.range(-20, 20)) / 20);
    const tree = new NearestPoints(points.slice(), 11);
    const squared = (row: number, [x, y, z]: number[]) =>
      (points[3 * row] - x) ** 2 + (points[3 * row + 1] - y) ** 2 + (points[3 * row + 2] - z) ** 2;
    for (let i = 0; i < 300; i++) {
      const query = [random.range(-2, 2), random.range(-2, 2), random.range(-2, 2)];
      const nearest = tree.search(query[0], query[1], query[2]);
      const found = [...tree.rows].map((row) => squared(row, query));
      const wanted = Array.from({ length: 2000 }, (_, row) => squared(row, query))
        .sort((a, b) => a - b)
        .slice(0, 11);
      expect(found).toEqual(wanted);
      expect(nearest).toBe(wanted[0]);
      expect(new Set(tree.rows).size).toBe(11);
    }
  });

  it('need as many points as are asked for', () => {
    expect(() => new NearestPoints(new Float32Array(30), 11)).toThrowError(code('INVALID_ARGUMENT'));
  });
});

describe('spatial order', () => {
  it('holds each row once, and keeps neighbours together', () => {
    const random = new Random(2);
    const rows = Float32Array.from({ length: 4 * 5000 }, () => random.range(-1.2, 1.2));
    const order = spatialOrder(rows, 4);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 5000 }, (_, i) => i));
    const walked = (sequence: ArrayLike<number>) =>
      Array.from({ length: 4999 }, (_, i) =>
        Math.hypot(...[0, 1, 2].map((axis) => rows[4 * sequence[i] + axis] - rows[4 * sequence[i + 1] + axis])),
      ).reduce((a, b) => a + b);
    expect(walked(order)).toBeLessThan(0.15 * walked(Array.from({ length: 5000 }, (_, i) => i)));
  });
});

describe('multi-view signs', () => {
  it('take parts that run into each other as one solid, whichever way they are turned, and what is hidden as filled', () => {
    const parts = joinMeshes(
      moved(sphereMesh(0.4, 4), [-0.3, 0, 0]),
      turned(moved(sphereMesh(0.4, 4), [0.3, 0, 0])),
      moved(sphereMesh(0.1, 2), [0.35, 0, 0]),
    );
    const query = new MultiViewQuery(parts, LOOKING);
    for (const x of [-0.6, -0.3, -0.1, 0, 0.1, 0.3, 0.35, 0.6]) expect(isInside(query, x, 0, 0)).toBe(true);
    for (const x of [-0.8, 0.8]) expect(isInside(query, x, 0, 0)).toBe(false);
    // The small ball's surface is none, nor are the lens-shaped ends of the large ones within each other.
    expect(query.distance(0.35, 0.1, 0)).toBeCloseTo(-(0.4 - Math.hypot(0.05, 0.1)), 2);
    expect(query.distance(0, 0, 0)).toBeCloseTo(-Math.sqrt(0.4 ** 2 - 0.3 ** 2), 2);
    expect(query.report.hiddenTriangles).toBeGreaterThan(128);
  });

  it('leave a sample without an answer where the nearest surface points disagree', () => {
    const half = 0.5;
    const query = new MultiViewQuery(boxMesh(half, half, half), LOOKING);
    // Just above one side, and next to the edge with another that it lies below of.
    expect(query.distance(half - 1e-3, half + 1e-4, 0)).toBeNaN();
    expect(query.distance(half + 0.1, half + 0.1, 0)).toBeCloseTo(Math.hypot(0.1, 0.1), 6);
    expect(query.distance(0, half + 1e-4, 0)).toBeCloseTo(1e-4, 6);
    const { positive, negative, dropped } = sampleShape(query, query.surface, { count: 5000 }, new Random(1));
    expect(dropped).toBeGreaterThan(0);
    expect(dropped).toBeLessThan(150);
    expect(positive.length / 4 + negative.length / 4 + dropped).toBe(5000);
    expect([...positive, ...negative].every(Number.isFinite)).toBe(true);
  });

  it('come with a surface whose triangles face the cameras', () => {
    const ball = sphereMesh(0.7, 4);
    const random = new Random(3);
    const triangles = ball.triangles.slice();
    for (let t = 0; t < triangles.length; t += 3) if (random.uniform() < 0.5) triangles.subarray(t, t + 3).reverse();
    const { surface } = new MultiViewQuery({ positions: ball.positions, triangles }, LOOKING);
    expect(surface.triangles.length).toBe(triangles.length);
    expect(inward(sampleSurface(surface, 2000, random))).toBeLessThan(0.01);
  });

  it('measure to the seen part of a triangle, and sample that alone', () => {
    // Two boxes as a cross: two triangles a side, half of each hidden in the other box.
    const cross = joinMeshes(boxMesh(0.6, 0.2, 0.2), boxMesh(0.2, 0.6, 0.2));
    const query = new MultiViewQuery(cross, LOOKING);
    expect(query.report.hiddenTriangles).toBe(0);
    for (const [x, y, wanted] of [
      [0, 0, -0.2],
      [0.19, 0, -Math.hypot(0.01, 0.2)],
      [0.1, 0.18, -Math.hypot(0.1, 0.02)],
      [0.4, 0.1, -0.1],
      [0.3, 0.3, 0.1],
    ]) {
      expect(Math.abs(query.distance(x, y, 0) - wanted)).toBeLessThan(5e-3);
    }
    const { points, normals } = query.sampleSurface(3000, new Random(5));
    expect(normals.length).toBe(points.length);
    // A seventh of the area is hidden.
    expect(points.length / 3).toBeLessThan(2700);
    expect(points.length / 3).toBeGreaterThan((6 / 7) * 3000 - 60);
    const within = worst(points, (x, y, z) => {
      const [a, b] = [
        [0.6, 0.2, 0.2],
        [0.2, 0.6, 0.2],
      ].map((half) => Math.min(...[x, y, z].map((value, axis) => half[axis] - Math.abs(value))));
      return Math.max(a, b);
    });
    expect(within).toBeLessThan(0.015);
  });

  it('keep triangles too small for the pixels, where their surroundings are seen', () => {
    const fine = sphereMesh(0.7, 6);
    const options = { ...LOOKING, views: 12, viewSize: 40 };
    expect(renderViews(fine, options).sides.filter((side) => side === SIDE.unseen).length).toBeGreaterThan(10_000);
    const { surface, report } = new MultiViewQuery(joinMeshes(fine, sphereMesh(0.3, 6)), options);
    expect(surface.triangles.length).toBe(fine.triangles.length);
    expect(report.hiddenTriangles).toBe(fine.triangles.length / 3);
    expect(inward(sampleSurface(surface, 2000, new Random(4)))).toBeLessThan(0.01);
  });
});

describe('a shape that is not the skin of a solid', () => {
  const open = keepTriangles(sphereMesh(0.7, 4), (t) => t % 2 === 0);
  // A fin on a ball: few triangles, all of them seen from both sides.
  const fin = moved(boxMesh(0.4, 1e-9, 0.2), [0.5, 0, 0]);
  const finned = joinMeshes(
    sphereMesh(0.4, 4),
    keepTriangles(fin, (t) => t === 6 || t === 7),
  );

  it('is rejected, with both shares in the reason', () => {
    expect(() => new MultiViewQuery(open, LOOKING)).toThrowError(
      expect.objectContaining({
        code: 'SHAPE_REJECTED',
        message: expect.stringMatching(/what the cameras see .*limit 2 %\).* of its triangles .*limit 3 %\)/),
        details: { badObservations: expect.closeTo(0.8, 1), badTriangles: 1 },
      }),
    );
  });

  it('is rejected for its observations alone, and passes where more are allowed; next to the fin nothing is told', () => {
    expect(() => new MultiViewQuery(finned, LOOKING)).toThrowError(
      expect.objectContaining({ code: 'SHAPE_REJECTED', message: expect.not.stringContaining('of its triangles') }),
    );
    const query = new MultiViewQuery(finned, { ...LOOKING, maxBadObservations: 0.5 });
    expect(query.report.badTriangles).toBe(2);
    expect(query.distance(0.7, 0.01, 0)).toBeNaN();
    expect(isInside(query, 0, 0.2, 0)).toBe(true);
  });

  it('is rejected where cameras see next to nothing', () => {
    const speck = moved(boxMesh(1e-7, 1e-7, 1e-7), [0.1, 0.2, 0.3]);
    expect(() => new MultiViewQuery(speck, LOOKING)).toThrowError(
      expect.objectContaining({ code: 'SHAPE_REJECTED', message: expect.stringContaining('11 are needed') }),
    );
  });
});
