import { describe, expect, it } from 'vitest';
import { sampleSurface } from '../../src/dataset/sample-surface.js';
import { normalAngle } from '../../src/metrics/normal-angle.js';
import { Random } from '../../src/random.js';
import { torusMesh } from '../support/dataset-shapes.js';

/** Every pair in float64; the angle by the arc tangent, which unlike the arc cosine keeps its digits near 0. */
function bruteForce(a: { points: Float32Array; normals: Float32Array }, b: { points: Float32Array; normals: Float32Array }): number {
  const row = (values: Float32Array, i: number) => [values[3 * i], values[3 * i + 1], values[3 * i + 2]];
  const angles = Array.from({ length: a.points.length / 3 }, (_, i) => {
    const p = row(a.points, i);
    let [best, nearest] = [-1, Number.POSITIVE_INFINITY];
    for (let j = 0; j < b.points.length / 3; j++) {
      const q = row(b.points, j);
      const squared = (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 + (p[2] - q[2]) ** 2;
      if (squared < nearest) [best, nearest] = [j, squared];
    }
    const [n, m] = [row(a.normals, i), row(b.normals, best)];
    const cross = [n[1] * m[2] - n[2] * m[1], n[2] * m[0] - n[0] * m[2], n[0] * m[1] - n[1] * m[0]];
    return (Math.atan2(Math.hypot(...cross), n[0] * m[0] + n[1] * m[1] + n[2] * m[2]) * 180) / Math.PI;
  });
  return angles.reduce((sum, angle) => sum + angle, 0) / angles.length;
}

describe('normal angle', () => {
  const a = sampleSurface(torusMesh(0.6, 0.25), 1500, new Random(1));
  const b = sampleSurface(torusMesh(0.58, 0.27), 2000, new Random(2));

  it('is that of all pairs in float64', () => {
    // Normals are unit vectors to float32 only: angles near 0 agree to the root of its precision.
    expect(normalAngle(a, b)).toBeCloseTo(bruteForce(a, b), 2);
    expect(normalAngle(a, b)).toBeGreaterThan(3);
  });

  it.each([0, 30, 90, 180])('of normals turned by %d degrees', (degrees) => {
    const points = Float32Array.of(0, 0, 0, 1, 0, 0);
    const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const turned = { points, normals: Float32Array.of(c, s, 0, 0, c, s) };
    expect(normalAngle({ points, normals: Float32Array.of(1, 0, 0, 0, 1, 0) }, turned)).toBeCloseTo(degrees, 4);
  });

  it('needs points', () => {
    const none = { points: new Float32Array(0), normals: new Float32Array(0) };
    expect(() => normalAngle(a, none)).toThrowError(expect.objectContaining({ code: 'MESH_EMPTY' }));
  });
});
