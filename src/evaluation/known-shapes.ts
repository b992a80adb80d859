import { sampleSurface } from '../dataset/sample-surface.js';
import type { DistanceEvaluator } from '../decoder/evaluator.js';
import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';
import { type BakeMeshOptions, type BakeMeshReport, bakeMesh } from '../meshing/bake-mesh.js';
import { chamferDistance } from '../metrics/chamfer-distance.js';
import type { Random } from '../random.js';
import { drawSamples } from './draw-samples.js';

/** Points on each surface for the Chamfer distance, as in Park 2019, supplementary material. */
export const CHAMFER_POINTS = 30_000;

export interface ShapeFigures {
  readonly name: string;
  /** Chamfer distance x 1000, unit-sphere units squared: what the literature's tables print. Infinite for a shape without surface. */
  readonly chamferX1000: number;
  /** Connected parts of the surface; more than the true shape has are strays. */
  readonly components: number;
}

/**
 * How well a decoder with a known latent code gives back the shape it was trained on: the one figure that training prints.
 * @param truth [n, 3] points on the true surface, model units; CHAMFER_POINTS of them are drawn when there are more
 */
export async function evaluateShape(
  name: string,
  evaluator: DistanceEvaluator,
  truth: Float32Array,
  baking: BakeMeshOptions,
  random: Random,
): Promise<{ figures: ShapeFigures; mesh?: TriangleMesh }> {
  const baked = await bakeUnlessEmpty(evaluator, baking);
  if (!baked) return { figures: { name, chamferX1000: Number.POSITIVE_INFINITY, components: 0 } };
  const made = sampleSurface(baked.mesh, CHAMFER_POINTS, random).points;
  const drawn = drawSamples({ points: truth, normals: new Float32Array(0) }, CHAMFER_POINTS, random).points;
  const chamferX1000 = 1000 * chamferDistance(made, drawn);
  return { figures: { name, chamferX1000, components: baked.report.components }, mesh: baked.mesh };
}

/** A shape that trained to nothing is a figure, not a failure of the evaluation. @returns undefined for it */
export async function bakeUnlessEmpty(
  evaluator: DistanceEvaluator,
  baking: BakeMeshOptions,
): Promise<{ mesh: TriangleMesh; report: BakeMeshReport } | undefined> {
  return bakeMesh(evaluator, baking).catch((error: unknown) => {
    if (error instanceof NeuralSdfError && error.code === 'EMPTY_SHAPE') return undefined;
    throw error;
  });
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
