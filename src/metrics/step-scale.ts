import { SignedDistanceQuery } from '../dataset/signed-distance.js';
import type { DistanceEvaluator } from '../decoder/evaluator.js';
import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';
import type { Random } from '../random.js';

/** Share of sphere tracing steps that must not pass the surface. */
const SAFE_SHARE = 0.999;

/**
 * The step scale of sphere tracing: the largest s, at most 1, such that for 99.9 % of the query points outside the surface
 * s * min(f, delta) does not exceed the true distance to it. A decoder's values are no distances exactly: unscaled steps jump through
 * thin parts.
 * @param evaluator of one shape
 * @param bakedMesh that shape's own surface, closed
 * @param delta truncation distance, model units
 * @param halfExtent half the side of the cube the points are drawn from
 * @throws NeuralSdfError MESH_EMPTY, EMPTY_SHAPE when no query point lies outside
 */
export function measureStepScale(
  evaluator: DistanceEvaluator,
  bakedMesh: TriangleMesh,
  delta: number,
  random: Random,
  count = 20_000,
  halfExtent = 1,
): number {
  const surface = new SignedDistanceQuery(bakedMesh);
  const points = Float32Array.from({ length: count * 3 }, () => random.range(-halfExtent, halfExtent));
  const predicted = new Float32Array(count);
  evaluator.evaluate(points, predicted);
  const ratios: number[] = [];
  for (let i = 0; i < count; i++) {
    const step = Math.min(predicted[i], delta);
    const distance = surface.distance(points[3 * i], points[3 * i + 1], points[3 * i + 2]);
    // Outside for both: where the decoder says inside, a ray has hit and takes no step.
    if (distance > 0 && step > 0) ratios.push(distance / step);
  }
  if (ratios.length === 0) throw new NeuralSdfError('EMPTY_SHAPE', 'step scale: no query point lies outside the shape', { count });
  ratios.sort((a, b) => a - b);
  return Math.min(1, ratios[Math.floor((1 - SAFE_SHARE) * ratios.length)]);
}
