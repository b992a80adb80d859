import type { GradientEvaluator } from '../decoder/evaluator.js';
import type { TriangleMesh } from '../mesh.js';
import { type BakeMeshOptions, bakeMesh } from '../meshing/bake-mesh.js';
import type { EditPlan } from './edit-plan.js';

/**
 * An edited shape's surface as triangles, in a cube about its own box.
 * @param field of the edited shape: `EditedField`
 * @param options resolution: cells along the longest side of the box
 * @throws NeuralSdfError as `bakeMesh`
 */
export async function bakeEdited(
  field: GradientEvaluator,
  { bounds: { min, max } }: EditPlan,
  options: Omit<BakeMeshOptions, 'halfExtent' | 'delta'>,
): Promise<TriangleMesh> {
  const middle = min.map((low, axis) => (low + max[axis]) / 2);
  const halfExtent = Math.max(...min.map((low, axis) => (max[axis] - low) / 2));
  const moved = (points: Float32Array) => points.map((value, i) => value + middle[i % 3]);
  const centered: GradientEvaluator = {
    evaluate: (points, out) => field.evaluate(moved(points), out),
    evaluateGradient: (points, outDistances, outGradients) => field.evaluateGradient(moved(points), outDistances, outGradients),
  };
  // Safe to step by whatever its size: see EditedField.
  const { mesh } = await bakeMesh(centered, { ...options, halfExtent, delta: Number.POSITIVE_INFINITY });
  return { ...mesh, positions: mesh.positions.map((value, i) => value + middle[i % 3]) };
}
