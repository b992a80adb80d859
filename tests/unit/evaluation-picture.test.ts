import { describe, expect, it } from 'vitest';
import { sampleSurface } from '../../src/dataset/sample-surface.js';
import { drawMesh, drawPoints, type Picture } from '../../src/evaluation/picture.js';
import { Random } from '../../src/random.js';
import { boxMesh, joinMeshes, keepTriangles, moved, sphereMesh } from '../support/dataset-shapes.js';

const SIZE = 64;
const FRONT = { azimuth: 0, elevation: 0 };
const alpha = ({ data }: Picture, x: number, y: number): number => data[4 * (y * SIZE + x) + 3];
const red = ({ data }: Picture, x: number, y: number): number => data[4 * (y * SIZE + x)];
/** Share of the picture that is covered. */
const coverage = ({ data }: Picture): number => data.reduce((sum, value, i) => sum + (i % 4 === 3 ? value : 0), 0) / 255 / SIZE ** 2;

describe('a picture of a mesh', () => {
  it('covers its silhouette, in scale, softly at the edge, and nothing else', () => {
    const picture = drawMesh(sphereMesh(0.6, 5), SIZE, FRONT);
    expect(coverage(picture)).toBeCloseTo((Math.PI * 0.6 ** 2) / 4, 2);
    expect([alpha(picture, 0, 0), alpha(picture, 32, 32)]).toEqual([0, 255]);
    expect(new Set(picture.data.filter((_, i) => i % 4 === 3)).size).toBeGreaterThan(2);
  });

  it('has x to the right, y up, and is lit from the upper left', () => {
    const picture = drawMesh(moved(sphereMesh(0.2), [0.5, 0.4, 0]), SIZE, FRONT);
    expect(alpha(picture, 48, 19)).toBe(255);
    expect(alpha(picture, 16, 19) + alpha(picture, 48, 45)).toBe(0);
    expect(red(picture, 45, 15)).toBeGreaterThan(1.3 * red(picture, 51, 23));
  });

  it('turns with the camera: from the side +z lies to the left, from above y lies in depth', () => {
    const ball = moved(sphereMesh(0.2), [0, 0, 0.6]);
    expect(alpha(drawMesh(ball, SIZE, { azimuth: 90, elevation: 0 }), 13, 32)).toBe(255);
    expect(alpha(drawMesh(ball, SIZE, { azimuth: 0, elevation: 90 }), 32, 51)).toBe(255);
    expect(coverage(drawMesh(moved(boxMesh(0.1, 0.5, 0.1), [0, 0, 0]), SIZE, { azimuth: 0, elevation: 90 }))).toBeCloseTo(0.01, 2);
  });

  it('hides what lies behind, whichever comes first', () => {
    const near = moved(boxMesh(0.3, 0.3, 0.1), [0, 0, 0.5]);
    const ball = sphereMesh(0.3);
    const alone = drawMesh(near, SIZE, FRONT);
    expect(drawMesh(joinMeshes(near, ball), SIZE, FRONT).data).toEqual(alone.data);
    expect(drawMesh(joinMeshes(ball, near), SIZE, FRONT).data).toEqual(alone.data);
  });

  it('shows the inside of an open mesh lit, and a mesh that leaves the frame cut off', () => {
    const { positions, triangles } = sphereMesh(0.6, 4);
    const bowl = keepTriangles({ positions, triangles }, (t) =>
      triangles.subarray(3 * t, 3 * t + 3).every((vertex) => positions[3 * vertex + 2] < 0.01),
    );
    expect(red(drawMesh(bowl, SIZE, FRONT), 32, 32)).toBeGreaterThan(100);
    expect(coverage(drawMesh(sphereMesh(3), SIZE, FRONT))).toBe(1);
  });

  it('is smooth where the mesh has normals', () => {
    const flat = sphereMesh(0.8, 1);
    const smooth = { ...flat, normals: flat.positions.map((value) => value / 0.8) };
    const shades = (picture: Picture) => new Set(picture.data.filter((_, i) => i % 4 === 0)).size;
    expect(shades(drawMesh(smooth, SIZE, FRONT))).toBeGreaterThan(2 * shades(drawMesh(flat, SIZE, FRONT)));
  });
});

describe('a picture of points', () => {
  const mesh = sphereMesh(0.7, 5);
  const samples = sampleSurface(mesh, 20_000, new Random(1));

  it('is about that of the surface they lie on', () => {
    const [points, surface] = [drawPoints(samples, SIZE), drawMesh(mesh, SIZE)];
    expect(coverage(points)).toBeCloseTo(coverage(surface), 1);
    for (const [x, y] of [
      [32, 32],
      [24, 20],
      [40, 44],
    ]) {
      expect(alpha(points, x, y)).toBe(255);
      expect(Math.abs(red(points, x, y) - red(surface, x, y))).toBeLessThan(8);
    }
  });

  it('needs no normals', () => {
    const picture = drawPoints({ points: samples.points, normals: new Float32Array(0) }, SIZE);
    expect(alpha(picture, 32, 32)).toBe(255);
    expect(red(picture, 32, 32)).toBeGreaterThan(100);
    expect(coverage(picture)).toBeLessThan(0.5);
  });
});
