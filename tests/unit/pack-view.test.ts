import { Matrix, Quaternion, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { describe, expect, it } from 'vitest';
import { packView } from '../../src/gpu/pack-view.js';
import { Random } from '../../src/random.js';

const CLIP_PLANE = [0.6, 0, 0.8, -0.1] as const;
const PART = { width: 64, height: 48, stride: 64, left: 0, bottom: 0, columns: 64, rows: 48, scale: 1, identity: 3 };

const reversed = new Matrix();
Matrix.PerspectiveFovReverseLHToRef(0.8, 4 / 3, 0.1, 50, reversed, true, true);

const projections: Record<string, { projection: Matrix; reverseDepth?: boolean; ahead?: number }> = {
  perspective: { projection: Matrix.PerspectiveFovLH(0.8, 4 / 3, 0.1, 50, true) },
  'right-handed': { projection: Matrix.PerspectiveFovRH(0.8, 4 / 3, 0.1, 50, true), ahead: -4 },
  'reverse depth': { projection: reversed, reverseDepth: true },
  orthographic: { projection: Matrix.OrthoLH(4, 3, 0.1, 50, true) },
  'off centre': { projection: Matrix.OrthoOffCenterLH(-1, 3, -2, 0.5, 0.1, 50, true) },
};

describe('the view of a shape', () => {
  it.each(Object.entries(projections))(
    'sends a ray through each place of the screen, away from the eye: %s',
    (_, { projection, reverseDepth = false, ahead = 4 }) => {
      const random = new Random(4);
      const vector = (from: number, to: number) => new Vector3(random.range(from, to), random.range(from, to), random.range(from, to));
      for (let round = 0; round < 20; round++) {
        const view = Matrix.Translation(random.range(-1, 1), random.range(-1, 1), ahead).multiply(
          Matrix.RotationY(random.range(-0.3, 0.3)),
        );
        // Mirrored every other time.
        const scaling = vector(0.4, 2).multiplyByFloats(round % 2 ? -1 : 1, 1, 1);
        const world = Matrix.Compose(scaling, Quaternion.FromEulerVector(vector(-3, 3)), vector(-0.5, 0.5));
        const viewProjection = view.multiply(projection);
        const packed = packView(
          { view: view.m, viewProjection: viewProjection.m, reverseDepth, clipPlanes: [CLIP_PLANE] },
          { world: world.m, inverseWorld: Matrix.Invert(world).m },
          PART,
        );
        const three = (i: number) => Vector3.FromArray(packed, 4 * i);
        const [sx, sy] = [random.range(-1, 1), random.range(-1, 1)];
        const linear = (i: number) =>
          three(i)
            .add(three(i + 1).scale(sx))
            .add(three(i + 2).scale(sy));
        const [origin, direction] = [linear(0), linear(3).normalize()];
        const plane = (i: number, p: Vector3) =>
          packed[52 + 4 * i] * p.x + packed[53 + 4 * i] * p.y + packed[54 + 4 * i] * p.z + packed[55 + 4 * i];
        // Two points in view: where the ray leaves the near plane, and a little further.
        const toNear = -plane(0, origin) / (plane(0, origin.add(direction)) - plane(0, origin));
        for (const beyond of [0.5, 2]) {
          const p = origin.add(direction.scale(toNear + beyond));
          const placed = Vector3.TransformCoordinates(p, world);
          const clip = Vector3.TransformCoordinates(placed, viewProjection);
          expect([clip.x, clip.y]).toEqual([expect.closeTo(sx, 3), expect.closeTo(sy, 3)]);
          // In front of both planes.
          expect(plane(0, p)).toBeLessThan(0);
          expect(plane(1, p)).toBeLessThan(0);
          expect(clip.z).toBeGreaterThan(0);
          expect(clip.z).toBeLessThan(1);
          expect(plane(2, p)).toBeCloseTo(Vector3.Dot(placed, new Vector3(CLIP_PLANE[0], CLIP_PLANE[1], CLIP_PLANE[2])) + CLIP_PLANE[3], 4);
          const depth = packed[36] * p.x + packed[37] * p.y + packed[38] * p.z + packed[39];
          expect(depth).toBeCloseTo(Vector3.TransformCoordinates(placed, view).z, 4);
        }
      }
    },
  );

  it.each(Object.entries(projections))(
    'leaves out the planes that do not cut the box, and no other: %s',
    (_, { projection, reverseDepth = false, ahead = 4 }) => {
      const random = new Random(5);
      const corners = Array.from({ length: 8 }, (_, i) => [0, 1, 2].map((axis) => ((i >> axis) & 1 ? 0.5 : -0.5)));
      const counts = new Set<number>();
      for (let round = 0; round < 200; round++) {
        // Some boxes reach through the near plane, or lie beyond the far one.
        const view = Matrix.Translation(random.range(-1, 1), random.range(-1, 1), (ahead / 4) * random.range(0, 60));
        const world = Matrix.RotationYawPitchRoll(random.range(-3, 3), random.range(-3, 3), 0);
        const seen = { view: view.m, viewProjection: view.multiply(projection).m, reverseDepth, clipPlanes: [CLIP_PLANE] };
        const placement = { world: world.m, inverseWorld: Matrix.Invert(world).m };
        const [all, some] = [packView(seen, placement, PART), packView(seen, placement, PART, 0.5)];
        const planes = (packed: Float32Array) =>
          Array.from({ length: new Uint32Array(packed.buffer)[91] }, (_, i) => Array.from(packed.subarray(52 + 4 * i, 56 + 4 * i)));
        const cuts = ([x, y, z, d]: number[]) => corners.some((corner) => x * corner[0] + y * corner[1] + z * corner[2] + d > 0);
        expect(planes(all).length).toBe(3);
        // Those that all but touch it may stay.
        for (const plane of planes(all)) if (cuts(plane)) expect(planes(some)).toContainEqual(plane);
        for (const plane of planes(some))
          expect(cuts([...plane.slice(0, 3), plane[3] + 0.002 * Math.hypot(...plane.slice(0, 3))])).toBe(true);
        counts.add(planes(some).length);
      }
      expect(counts.size).toBeGreaterThan(1);
    },
  );
});
