import type { NeuralShapes } from '../asset/neural-shapes.js';
import { sampleSurface } from '../dataset/sample-surface.js';
import type { ShapeSamples } from '../dataset/samples.js';
import type { DistanceEvaluator } from '../decoder/evaluator.js';
import { NeuralSdfError } from '../errors.js';
import { evaluateGrid } from '../meshing/evaluate-grid.js';
import { marchingCubes } from '../meshing/marching-cubes.js';
import type { Random } from '../random.js';

/** What of a teacher its distances mean, and where its shapes end. */
export type TeacherFacts = Pick<NeuralShapes, 'delta' | 'stepScale' | 'halfExtent'>;

export interface TeacherSampleOptions {
  /** Samples a shape. */
  readonly count: number;
  /** Share of them that is uniform in the cube; the rest lies near the surface. */
  readonly uniformShare: number;
  /** Each surface point is moved by Gaussian noise of one of these standard deviations per axis, model units, in turn. */
  readonly deviations: readonly number[];
  /** Cells along a side of the grid whose marching cubes give the surface points. */
  readonly resolution: number;
}

export const DEFAULT_TEACHER_SAMPLES: TeacherSampleOptions = { count: 40_000, uniformShare: 0.1, deviations: [0.05, 0.01], resolution: 64 };

/**
 * Signed distance samples of one shape as a decoder has it: as DeepSDF takes them from a mesh, but the distances are the teacher's own.
 * @param teacher of one shape
 * @throws NeuralSdfError EMPTY_SHAPE when it has no surface in the cube
 */
export async function sampleTeacher(
  teacher: DistanceEvaluator,
  { delta, stepScale, halfExtent }: TeacherFacts,
  { count, uniformShare, deviations, resolution }: TeacherSampleOptions,
  random: Random,
): Promise<Pick<ShapeSamples, 'positive' | 'negative'>> {
  const { grid } = await evaluateGrid(teacher, { resolution, halfExtent, delta, stepScale });
  const { mesh } = marchingCubes(grid);
  if (mesh.triangles.length === 0)
    throw new NeuralSdfError('EMPTY_SHAPE', 'the teacher has no surface for this latent code', { resolution });
  const nearCount = Math.round(count * (1 - uniformShare));
  const surface = sampleSurface(mesh, nearCount, random).points;
  const points = new Float32Array(3 * count);
  for (let i = 0; i < points.length; i++) {
    const deviation = deviations[Math.floor(i / 3) % deviations.length];
    points[i] = i < surface.length ? surface[i] + deviation * random.normal() : random.range(-halfExtent, halfExtent);
  }
  const distances = new Float32Array(count);
  teacher.evaluate(points, distances);
  return { positive: rowsOf(points, distances, false), negative: rowsOf(points, distances, true) };
}

function rowsOf(points: Float32Array, distances: Float32Array, inside: boolean): Float32Array {
  const kept: number[] = [];
  for (const [i, distance] of distances.entries()) if (distance < 0 === inside) kept.push(i);
  const rows = new Float32Array(4 * kept.length);
  kept.forEach((index, i) => {
    rows.set(points.subarray(3 * index, 3 * index + 3), 4 * i);
    rows[4 * i + 3] = distances[index];
  });
  return rows;
}
