import type { GradientEvaluator } from '../decoder/evaluator.js';
import type { DistanceField } from '../tracing/distance-field.js';
import type { EditPlan } from './edit-plan.js';
import { type DecoderReach, EditedField } from './edited-field.js';

/** An edited shape point by point, for rays: what picking marches through. A snapshot, as long as nobody changes the plan. */
export class EditedDistanceField implements DistanceField {
  private readonly _field: EditedField;
  private readonly _point = new Float32Array(3);
  private readonly _distance = new Float32Array(1);
  private readonly _gradient = new Float32Array(3);

  /** @param shapes the mesh's own first, then one for each of `plan.latents` */
  constructor(plan: EditPlan, reach: DecoderReach, shapes: readonly DistanceField[]) {
    this._field = new EditedField(plan, reach, shapes.map(batched));
  }

  distance(x: number, y: number, z: number): number {
    this._point.set([x, y, z]);
    this._field.evaluate(this._point, this._distance);
    return this._distance[0];
  }

  gradient(x: number, y: number, z: number): readonly [number, number, number] {
    this._point.set([x, y, z]);
    this._field.evaluateGradient(this._point, this._distance, this._gradient);
    return [this._gradient[0], this._gradient[1], this._gradient[2]];
  }
}

function batched(shape: DistanceField): GradientEvaluator {
  const evaluate = (points: Float32Array, out: Float32Array) => {
    for (let i = 0; i < out.length; i++) out[i] = shape.distance(points[3 * i], points[3 * i + 1], points[3 * i + 2]);
  };
  return {
    evaluate,
    evaluateGradient: (points, out, gradients) => {
      evaluate(points, out);
      for (let i = 0; i < points.length; i += 3) gradients.set(shape.gradient(points[i], points[i + 1], points[i + 2]), i);
    },
  };
}
