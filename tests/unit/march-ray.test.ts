import { describe, expect, it } from 'vitest';
import { referenceDistance } from '../../src/decoder/reference.js';
import { Random } from '../../src/random.js';
import { searchRays } from '../../src/tracing/dense-search.js';
import { DecoderField } from '../../src/tracing/distance-field.js';
import { boxWindow, exactMarch, hitNormal, type MarchSettings, marchRay, type Vector } from '../../src/tracing/march-ray.js';
import { AnalyticEvaluator, type Distance, SHAPES } from '../support/analytic-shapes.js';
import { foldedTruth } from '../support/folded-truth.js';
import { compareHits, drawRays, quantile, searchShape } from '../support/ray-judge.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const HALF_EXTENT = 1.05;
const settings: MarchSettings = exactMarch({ delta: 0.1, stepScale: 0.8, halfExtent: HALF_EXTENT });

function march(distance: Distance, origin: Vector, direction: Vector, end = 10, startsOutsideBox = true) {
  return marchRay({ distance }, origin, direction, end, settings, startsOutsideBox);
}

describe('a ray through an exact distance', () => {
  const sphere: Distance = (x, y, z) => Math.hypot(x, y, z) - 0.7;

  it('meets a sphere where geometry says', () => {
    const random = new Random(3);
    for (let i = 0; i < 300; i++) {
      const offset = random.range(-1, 1);
      const hit = march(sphere, [offset, 0.1, -2], [0, 0, 1]);
      const inside = 0.49 - offset ** 2 - 0.01;
      expect(hit.found).toBe(inside > 0);
      if (inside > 0) expect(hit.distance).toBeCloseTo(2 - Math.sqrt(inside), 5);
    }
  });

  it('leaves the solid that it starts in, unless that is cut by the box', () => {
    const shell: Distance = (x, y, z) => Math.abs(Math.hypot(x, y, z) - 0.5) - 0.05;
    expect(march(shell, [0, 0, -0.5], [0, 0, 1], 10, false)).toMatchObject({ found: true, capped: false });
    expect(march(shell, [0, 0, -0.5], [0, 0, 1], 10, false).distance).toBeCloseTo(0.95, 5);
    expect(march(shell, [0, 0, -0.5], [0, 0, 1], 10, true)).toMatchObject({ found: true, capped: true, distance: 0 });
    expect(hitNormal({ distance: shell, gradient: () => [0, 0, 0] }, [0.2, -1.05, 0.3], true)).toEqual([0, -1, 0]);
  });

  it('stops at the end of the ray', () => {
    expect(march(sphere, [0, 0, -2], [0, 0, 1], 1.29).found).toBe(false);
    expect(march(sphere, [0, 0, -2], [0, 0, 1], 1.31).found).toBe(true);
  });

  it('passes a flat face at a hundredth without hitting it or creeping along it', () => {
    const slab: Distance = (_x, y) => Math.abs(y) - 0.3;
    const hit = march(slab, [-1, 0.31, 0], [1, 0, 0], 2);
    expect(hit.found).toBe(false);
    expect(hit.evaluations).toBeLessThan(150);
  });

  it('finds a wall of seven hundredths from everywhere', () => {
    const { distance } = SHAPES['hollow box with thin walls'];
    const rays = drawRays(800, HALF_EXTENT, new Random(5));
    const truth = searchRays(rays, { evaluator: new AnalyticEvaluator(distance), exact: distance, step: 0.004, maxSlope: 1 });
    expect(compareHits(marchAll({ distance }, rays), truth)).toMatchObject({ missed: 0, invented: 0 });
  });
});

describe('the dense search', () => {
  it('settles with the distances of the float64 reference', () => {
    const { decoder, shapes } = tinyShapes();
    const random = new Random(2);
    for (const { latent } of shapes) {
      const truth = foldedTruth(decoder, latent);
      for (let i = 0; i < 50; i++) {
        const point = [random.range(-1, 1), random.range(-1, 1), random.range(-1, 1)] as const;
        expect(Math.abs(truth(...point) - referenceDistance(decoder, latent, point))).toBeLessThan(1e-13);
      }
    }
  });

  it('finds what geometry says, a graze of less than a step included', () => {
    const lens: Distance = (x, y, z) => Math.hypot(x, y, z) - 0.5;
    const evaluator = new AnalyticEvaluator(lens);
    const at = (height: number) => ({
      origins: Float32Array.of(-1, height, 0),
      directions: Float32Array.of(1, 0, 0),
      lengths: Float32Array.of(2),
    });
    const search = { evaluator, exact: lens, step: 0.02, maxSlope: 1 };
    // Half the chord, 0.003, is far below the step.
    const height = Math.fround(Math.sqrt(0.25 - 0.003 ** 2));
    expect(searchRays(at(height), search)[0]).toBeCloseTo(1 - Math.sqrt(0.25 - height ** 2), 4);
    expect(searchRays(at(Math.fround(0.50001)), search)[0]).toBe(Number.POSITIVE_INFINITY);
    expect(searchRays(at(0), search)[0]).toBeCloseTo(0.5, 4);
  });
});

describe('a ray through a decoder', () => {
  const shapes = tinyShapes();

  it.each(['torus', 'box'])('agrees with the dense search: %s', async (name) => {
    const { latent } = shapes.shapes.find((shape) => shape.name === name)!;
    const rays = drawRays(500, HALF_EXTENT, new Random(8));
    const truth = await searchShape(shapes.decoder, latent, rays);
    const result = compareHits(marchAll(new DecoderField(shapes.decoder, latent), rays), truth);
    expect(result.hits).toBeGreaterThan(200);
    expect(result.missed + result.invented).toBeLessThanOrEqual(1);
    expect(quantile(result.errors, 0.99)).toBeLessThan(1e-4);
  });

  it('gives the unit gradient as normal', () => {
    const field = new DecoderField(shapes.decoder, shapes.shapes[1].latent);
    const normal = hitNormal(field, [0, 0.65, 0], false);
    expect(Math.hypot(...normal)).toBeCloseTo(1, 6);
    expect(normal[1]).toBeGreaterThan(0.95);
  });
});

it('a line passes through the box', () => {
  expect(boxWindow([0, 0, -3], [0, 0, 1], 1)).toEqual({ entry: 2, exit: 4 });
  expect(boxWindow([0.5, 0.5, 0], [0, 0, 1], 1)).toEqual({ entry: -1, exit: 1 });
  const beside = boxWindow([2, 0, -3], [0, 0, 1], 1);
  expect(beside.entry).toBeGreaterThan(beside.exit);
});

function marchAll(field: { distance: Distance }, rays: ReturnType<typeof drawRays>): number[] {
  const at = (values: Float32Array, i: number) => [values[3 * i], values[3 * i + 1], values[3 * i + 2]] as Vector;
  return Array.from(rays.lengths, (length, i) => {
    const hit = marchRay(field, at(rays.origins, i), at(rays.directions, i), length, settings, true);
    return hit.found ? hit.distance : Number.POSITIVE_INFINITY;
  });
}
