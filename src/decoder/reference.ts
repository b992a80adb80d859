import { checkLatent, type Decoder } from './decoder.js';
import { encodePoint, encodePointGradient } from './encoding.js';
import { encodedPointLength, type LayerPlan, planLayers } from './spec.js';

/** Everything one forward pass computed, kept for the backward one. */
interface Trace {
  readonly plans: readonly LayerPlan[];
  /** Input of each layer: [hidden | latent | point]. */
  readonly inputs: Float64Array[];
  /** Output of each layer, after ReLU. */
  readonly outputs: Float64Array[];
  readonly encoded: Float64Array;
  readonly distance: number;
}

export interface PointAndLatentGradient {
  /** Signed distance, model units. */
  distance: number;
  /** d distance / d point */
  point: [number, number, number];
  /** d distance / d latent, [codeLength] */
  latent: Float64Array;
}

/**
 * The truth that every fast path is held to: one query point, float64, no shortcut, no folding.
 * @param latent [codeLength]
 * @param point [3], model units
 * @returns signed distance, model units
 * @throws NeuralSdfError LATENT_LENGTH, NOT_FINITE
 */
export function referenceDistance(decoder: Decoder, latent: ArrayLike<number>, point: ArrayLike<number>): number {
  return forward(decoder, latent, point).distance;
}

/** Distance with its gradients by point and latent code, by reverse mode. */
export function referenceGradient(decoder: Decoder, latent: ArrayLike<number>, point: ArrayLike<number>): PointAndLatentGradient {
  const trace = forward(decoder, latent, point);
  return { distance: trace.distance, ...backward(decoder, trace, 1) };
}

/**
 * Adds upstream * d distance / d parameters to `into`.
 * @param into per layer { weight [outputs, inputs], bias [outputs] }, of the decoder's own lengths
 * @returns the distance, and upstream * its gradients by point and latent code
 */
export function referenceParameterGradient(
  decoder: Decoder,
  latent: ArrayLike<number>,
  point: ArrayLike<number>,
  upstream: (distance: number) => number,
  into: readonly { weight: Float64Array; bias: Float64Array }[],
): PointAndLatentGradient {
  const trace = forward(decoder, latent, point);
  return { distance: trace.distance, ...backward(decoder, trace, upstream(trace.distance), into) };
}

function forward(decoder: Decoder, latent: ArrayLike<number>, point: ArrayLike<number>): Trace {
  const { spec } = decoder;
  checkLatent(spec, latent);
  const plans = planLayers(spec);
  const encoded = new Float64Array(encodedPointLength(spec));
  encodePoint(point[0], point[1], point[2], spec.fourierOctaves, encoded);
  const inputs: Float64Array[] = [];
  const outputs: Float64Array[] = [];
  plans.forEach((plan, index) => {
    const input = new Float64Array(plan.inputs);
    if (index > 0) input.set(outputs[index - 1]);
    if (plan.latent) input.set(latent, plan.hidden);
    if (plan.point) input.set(encoded, plan.inputs - encoded.length);
    const { weight, bias } = decoder.layers[index];
    const output = new Float64Array(plan.outputs);
    for (let row = 0; row < plan.outputs; row++) {
      let sum = bias[row];
      for (let column = 0; column < plan.inputs; column++) sum += weight[row * plan.inputs + column] * input[column];
      output[row] = plan.rectified ? Math.max(0, sum) : sum;
    }
    inputs.push(input);
    outputs.push(output);
  });
  const linear = outputs[plans.length - 1][0];
  return { plans, inputs, outputs, encoded, distance: spec.outputTanh ? Math.tanh(linear) : linear };
}

function backward(
  decoder: Decoder,
  trace: Trace,
  upstream: number,
  into?: readonly { weight: Float64Array; bias: Float64Array }[],
): { point: [number, number, number]; latent: Float64Array } {
  const { spec } = decoder;
  const { plans, inputs, outputs, encoded } = trace;
  const latent = new Float64Array(spec.codeLength);
  const encodedGradient = new Float64Array(encoded.length);
  let gradient = Float64Array.of(spec.outputTanh ? upstream * (1 - trace.distance ** 2) : upstream);
  for (let index = plans.length - 1; index >= 0; index--) {
    const plan = plans[index];
    const { weight } = decoder.layers[index];
    const inputGradient = new Float64Array(plan.inputs);
    for (let row = 0; row < plan.outputs; row++) {
      // The sub-gradient of ReLU at its kink is taken as 0, as every framework does.
      const g = plan.rectified && outputs[index][row] <= 0 ? 0 : gradient[row];
      if (g === 0) continue;
      for (let column = 0; column < plan.inputs; column++) inputGradient[column] += g * weight[row * plan.inputs + column];
      if (into) {
        into[index].bias[row] += g;
        for (let column = 0; column < plan.inputs; column++) into[index].weight[row * plan.inputs + column] += g * inputs[index][column];
      }
    }
    if (plan.latent) for (let i = 0; i < spec.codeLength; i++) latent[i] += inputGradient[plan.hidden + i];
    if (plan.point) {
      const first = plan.inputs - encoded.length;
      for (let i = 0; i < encoded.length; i++) encodedGradient[i] += inputGradient[first + i];
    }
    gradient = inputGradient.slice(0, plan.hidden);
  }
  return { point: encodePointGradient(encoded, encodedGradient, spec.fourierOctaves), latent };
}
