import type { DistanceEvaluator, GradientEvaluator } from '../decoder/evaluator.js';
import type { CombineStep, EditPlan } from './edit-plan.js';
import { samplePrimitive } from './primitives.js';

/** What a decoder brings along. */
export interface DecoderReach {
  /** Half the side of its box, model units. */
  readonly halfExtent: number;
  /** Truncation distance, model units. */
  readonly delta: number;
}

/** Step of the central differences where a base knows no gradients, model units. */
const DIFFERENCE = 1e-3;

/**
 * The distance of an edited shape: twin of shaders/editing.wgsl on the processor, for baking and picking.
 *
 * Its value is safe to step by, as a decoder's is: where |f - g| of a decoder is at most L |p - q|, the same holds of every combination
 * made here. min and max take one of two such values; the blend's weights add up to one; offsets leave slopes alone. A decoder is cut off
 * at its truncation distance, which lowers slopes only. Beyond its box stands the root of the squares of the distance to the box and of
 * the decoder's value at the nearest point of it: their gradients are at right angles, and the surface, inside the box, is at least so far.
 */
export class EditedField implements GradientEvaluator {
  /**
   * @param bases the mesh's own shape first, then one for each of `plan.latents`
   */
  constructor(
    private readonly _plan: EditPlan,
    private readonly _reach: DecoderReach,
    private readonly _bases: readonly (DistanceEvaluator | GradientEvaluator)[],
  ) {}

  evaluate(points: Float32Array, out: Float32Array): void {
    this._run(points, out, undefined);
  }

  evaluateGradient(points: Float32Array, outDistances: Float32Array, outGradients: Float32Array): void {
    this._run(points, outDistances, outGradients);
  }

  private _run(points: Float32Array, out: Float32Array, gradients: Float32Array | undefined): void {
    const count = out.length;
    const values = new Float64Array(count).fill(1e9);
    const slopes = new Float64Array(gradients ? 3 * count : 0);
    const operand = new Float64Array(count);
    const operandSlopes = new Float64Array(slopes.length);
    for (const step of this._plan.steps) {
      if ('amount' in step) {
        for (let i = 0; i < count; i++) {
          const turned = step.action === 'shell' && values[i] < 0;
          if (turned) for (let axis = 0; axis < slopes.length / count; axis++) slopes[3 * i + axis] *= -1;
          values[i] = (turned ? -values[i] : values[i]) - step.amount;
        }
        continue;
      }
      if (step.kind === 'shape') this._sampleShape(step, points, operand, operandSlopes);
      else samplePrimitives(step, points, operand, operandSlopes);
      blend(step, values, slopes, operand, operandSlopes);
    }
    out.set(values);
    gradients?.set(slopes);
  }

  /** An operand's distances, model units, and their gradients where there is room for them. */
  private _sampleShape(step: CombineStep, points: Float32Array, out: Float64Array, slopes: Float64Array): void {
    const { halfExtent, delta } = this._reach;
    const base = this._bases[step.field];
    const local = toOperandSpace(step, points);
    const nearest = Float32Array.from(local, (value) => Math.min(halfExtent, Math.max(-halfExtent, value)));
    const values = new Float32Array(out.length);
    const gradients = new Float32Array(slopes.length);
    if (slopes.length === 0) base.evaluate(nearest, values);
    else if ('evaluateGradient' in base) base.evaluateGradient(nearest, values, gradients);
    else differences(base, nearest, values, gradients);
    for (let i = 0; i < out.length; i++) {
      const value = Math.min(delta, Math.max(-delta, values[i]));
      const beyond = [0, 1, 2].map((axis) => local[3 * i + axis] - Math.fround(nearest[3 * i + axis]));
      const outside = beyond.some((way) => way !== 0) && local.subarray(3 * i, 3 * i + 3).some((at) => Math.abs(at) > halfExtent);
      const distance = outside ? Math.hypot(...beyond, Math.max(value, 0)) : value;
      out[i] = step.scale * distance;
      if (slopes.length === 0) continue;
      const trusted = Math.abs(values[i]) < delta ? 1 : 0;
      const gradient = [0, 1, 2].map((axis) => trusted * gradients[3 * i + axis]);
      if (outside) {
        for (let axis = 0; axis < 3; axis++) {
          const within = Math.abs(local[3 * i + axis]) <= halfExtent;
          gradient[axis] = (within ? Math.max(value, 0) * gradient[axis] : beyond[axis]) / distance;
        }
      }
      fromOperandSpace(step, gradient, slopes, 3 * i);
    }
  }
}

function samplePrimitives(step: CombineStep, points: Float32Array, out: Float64Array, slopes: Float64Array): void {
  if (step.kind === 'shape') return;
  const local = toOperandSpace(step, points);
  for (let i = 0; i < out.length; i++) {
    const sample = samplePrimitive(step.kind, local[3 * i], local[3 * i + 1], local[3 * i + 2], step.size);
    out[i] = step.scale * sample[3];
    if (slopes.length > 0) fromOperandSpace(step, sample, slopes, 3 * i);
  }
}

/** @returns [n, 3] in the operand's own space */
function toOperandSpace({ toOperand }: CombineStep, points: Float32Array): Float64Array {
  const local = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    for (const [row, [a, b, c, d]] of toOperand.entries()) local[i + row] = a * points[i] + b * points[i + 1] + c * points[i + 2] + d;
  }
  return local;
}

/** d (scale f(to p)) / d p: the transpose of the way there, times the scale. */
function fromOperandSpace({ toOperand, scale }: CombineStep, gradient: ArrayLike<number>, out: Float64Array, at: number): void {
  for (let axis = 0; axis < 3; axis++) {
    out[at + axis] = scale * toOperand.reduce((sum, row, i) => sum + row[axis] * gradient[i], 0);
  }
}

/**
 * The polynomial smooth minimum (Quilez 2013): (1 - h) b + h a - k h (1 - h), h = clamp(1/2 + (b - a) / 2k). Its derivatives are h and 1 - h
 * exactly. A subtraction is -smin(-d, f), an intersection -smin(-d, -f).
 */
function blend(step: CombineStep, values: Float64Array, slopes: Float64Array, operand: Float64Array, operandSlopes: Float64Array): void {
  const own = step.action === 'union' ? 1 : -1;
  const other = step.action === 'intersect' ? -1 : 1;
  const k = Math.max(step.smoothness, 1e-6);
  for (let i = 0; i < values.length; i++) {
    const [a, b] = [own * values[i], other * operand[i]];
    const h = Math.min(1, Math.max(0, 0.5 + (0.5 * (b - a)) / k));
    values[i] = own * ((1 - h) * b + h * a - k * h * (1 - h));
    for (let axis = 3 * i; axis < Math.min(3 * i + 3, slopes.length); axis++) {
      slopes[axis] = h * slopes[axis] + own * other * (1 - h) * operandSlopes[axis];
    }
  }
}

/** Central differences. */
function differences(base: DistanceEvaluator, points: Float32Array, outDistances: Float32Array, outGradients: Float32Array): void {
  base.evaluate(points, outDistances);
  const sides = [DIFFERENCE, -DIFFERENCE].map(() => new Float32Array(outDistances.length));
  for (let axis = 0; axis < 3; axis++) {
    for (const [side, values] of sides.entries()) {
      const moved = points.slice();
      for (let i = axis; i < moved.length; i += 3) moved[i] += side === 0 ? DIFFERENCE : -DIFFERENCE;
      base.evaluate(moved, values);
    }
    for (let i = 0; i < outDistances.length; i++) outGradients[3 * i + axis] = (sides[0][i] - sides[1][i]) / (2 * DIFFERENCE);
  }
}
