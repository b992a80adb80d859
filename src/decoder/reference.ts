import { activate, activationDerivative } from './activation.js';
import { checkLatent, type Decoder, type FloatArray } from './decoder.js';
import { encodePoint, encodePointGradient } from './encoding.js';
import { LEAST_KINK_WIDTH } from './kink-widths.js';
import { applyLayerNorm, layerNormGradient } from './layer-norm.js';
import { encodedPointLength, type LayerPlan, planLayers } from './spec.js';

/** Everything one forward pass computed, kept for the backward one. */
interface Trace {
  readonly plans: readonly LayerPlan[];
  readonly layers: readonly LayerTrace[];
  readonly encoded: Float64Array;
  /** The last layer's output, tanh of `innerTanh` applied. */
  readonly inner: number;
  readonly distance: number;
}

interface LayerTrace {
  /** [hidden | latent | point] */
  readonly input: Float64Array;
  /** What the activation was given, layer norm applied. */
  readonly preActivation: Float64Array;
  /** Activated and dropped out. */
  readonly output: Float64Array;
  /** Before gain and shift, and 1 / standard deviation. */
  readonly norm?: { readonly normalized: Float64Array; readonly inverse: number };
}

export interface PointAndLatentGradient {
  /** Signed distance, model units. */
  distance: number;
  /** d distance / d point */
  point: [number, number, number];
  /** d distance / d latent, [codeLength] */
  latent: Float64Array;
}

/** What dropout does to one sample while training: factors, 0 where dropped. */
export interface ReferenceDropout {
  /** Of a hidden layer's output. */
  readonly unit: (layer: number, row: number) => number;
  /** Of the latent code where it enters layer 0. */
  readonly latent: (index: number) => number;
}

/** Sums of gradients by one layer's parameters, of the lengths of the layer's own. */
export interface LayerGradient {
  readonly weight: Float64Array;
  readonly bias: Float64Array;
  readonly layerNorm?: { readonly gain: Float64Array; readonly shift: Float64Array };
}

/** For a backward pass to add to. */
export function zeroGradients(decoder: Decoder): LayerGradient[] {
  const zeros = (like: FloatArray) => new Float64Array(like.length);
  return decoder.layers.map(({ weight, bias, layerNorm }) => ({
    weight: zeros(weight),
    bias: zeros(bias),
    ...(layerNorm && { layerNorm: { gain: zeros(layerNorm.gain), shift: zeros(layerNorm.shift) } }),
  }));
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

/**
 * Distance with its gradients by point and latent code, by reverse mode.
 * @param kinkWidths from `measureKinkWidths`: each ReLU's derivative is a ramp over that band about its kink, instead of a step
 */
export function referenceGradient(
  decoder: Decoder,
  latent: ArrayLike<number>,
  point: ArrayLike<number>,
  kinkWidths?: readonly Float32Array[],
): PointAndLatentGradient {
  const trace = forward(decoder, latent, point);
  return { distance: trace.distance, ...backward(decoder, trace, 1, { kinkWidths }) };
}

/** A sample's forward pass, and what adds upstream * d distance / d parameters to `into`. */
export interface ReferenceSample {
  readonly distance: number;
  /** @returns upstream * d distance / d latent, [codeLength] */
  backward(upstream: number, into: readonly LayerGradient[]): Float64Array;
}

/** Forward now, backward once the loss is known: it may depend on several samples. */
export function referenceSample(
  decoder: Decoder,
  latent: ArrayLike<number>,
  point: ArrayLike<number>,
  dropout?: ReferenceDropout,
): ReferenceSample {
  const trace = forward(decoder, latent, point, dropout);
  return { distance: trace.distance, backward: (upstream, into) => backward(decoder, trace, upstream, { into, dropout }).latent };
}

function forward(decoder: Decoder, latent: ArrayLike<number>, point: ArrayLike<number>, dropout?: ReferenceDropout): Trace {
  const { spec } = decoder;
  checkLatent(spec, latent);
  const plans = planLayers(spec);
  const encoded = new Float64Array(encodedPointLength(spec));
  encodePoint(point[0], point[1], point[2], spec.fourierOctaves, encoded);
  const layers: LayerTrace[] = [];
  plans.forEach((plan, index) => {
    const input = new Float64Array(plan.inputs);
    if (index > 0) input.set(layers[index - 1].output);
    if (plan.latent)
      for (let i = 0; i < latent.length; i++) input[plan.hidden + i] = latent[i] * (index === 0 ? latentFactor(dropout, i) : 1);
    if (plan.point) input.set(encoded, plan.inputs - encoded.length);
    const { weight, bias, layerNorm } = decoder.layers[index];
    const sums = new Float64Array(plan.outputs);
    for (let row = 0; row < plan.outputs; row++) {
      sums[row] = bias[row];
      for (let column = 0; column < plan.inputs; column++) sums[row] += weight[row * plan.inputs + column] * input[column];
    }
    const preActivation = layerNorm ? new Float64Array(plan.outputs) : sums;
    const norm = layerNorm && { normalized: sums, inverse: applyLayerNorm(sums, layerNorm, preActivation) };
    const output = preActivation.map(
      (value, row) => activate(plan.activation, spec.activationScale, value) * unitFactor(plan, dropout, index, row),
    );
    layers.push({ input, preActivation, output, norm });
  });
  const linear = layers[plans.length - 1].output[0];
  const inner = spec.innerTanh ? Math.tanh(linear) : linear;
  return { plans, layers, encoded, inner, distance: spec.outputTanh ? Math.tanh(inner) : inner };
}

function backward(
  decoder: Decoder,
  trace: Trace,
  upstream: number,
  {
    into,
    dropout,
    kinkWidths,
  }: { readonly into?: readonly LayerGradient[]; readonly dropout?: ReferenceDropout; readonly kinkWidths?: readonly Float32Array[] },
): { point: [number, number, number]; latent: Float64Array } {
  const { spec } = decoder;
  const { plans, layers, encoded, inner, distance } = trace;
  const latent = new Float64Array(spec.codeLength);
  const encodedGradient = new Float64Array(encoded.length);
  let gradient = Float64Array.of(upstream * (spec.outputTanh ? 1 - distance ** 2 : 1) * (spec.innerTanh ? 1 - inner ** 2 : 1));
  for (let index = plans.length - 1; index >= 0; index--) {
    const plan = plans[index];
    const { weight, layerNorm } = decoder.layers[index];
    const { input, preActivation, norm } = layers[index];
    const before = gradient.map(
      (value, row) =>
        value *
        unitFactor(plan, dropout, index, row) *
        (kinkWidths && plan.activation === 'relu'
          ? blurredStep(preActivation[row], kinkWidths[index][row])
          : activationDerivative(plan.activation, spec.activationScale, preActivation[row])),
    );
    if (layerNorm && norm) layerNormGradient(before, norm.normalized, norm.inverse, layerNorm.gain, into?.[index].layerNorm);
    const inputGradient = new Float64Array(plan.inputs);
    for (let row = 0; row < plan.outputs; row++) {
      const g = before[row];
      if (g === 0) continue;
      for (let column = 0; column < plan.inputs; column++) inputGradient[column] += g * weight[row * plan.inputs + column];
      if (into) {
        into[index].bias[row] += g;
        for (let column = 0; column < plan.inputs; column++) into[index].weight[row * plan.inputs + column] += g * input[column];
      }
    }
    if (plan.latent) {
      for (let i = 0; i < spec.codeLength; i++) latent[i] += inputGradient[plan.hidden + i] * (index === 0 ? latentFactor(dropout, i) : 1);
    }
    if (plan.point) {
      const first = plan.inputs - encoded.length;
      for (let i = 0; i < encoded.length; i++) encodedGradient[i] += inputGradient[first + i];
    }
    gradient = inputGradient.slice(0, plan.hidden);
  }
  return { point: encodePointGradient(encoded, encodedGradient, spec.fourierOctaves), latent };
}

/** A ReLU's derivative, from 0 to 1 over a band around its kink. A unit that never moves has no kink, and its width must not divide by zero. */
function blurredStep(preActivation: number, width: number): number {
  return Math.min(1, Math.max(0, preActivation / Math.max(width, LEAST_KINK_WIDTH) + 0.5));
}

/** The output is never dropped. */
function unitFactor(plan: LayerPlan, dropout: ReferenceDropout | undefined, layer: number, row: number): number {
  return dropout && plan.activation !== 'linear' ? dropout.unit(layer, row) : 1;
}

function latentFactor(dropout: ReferenceDropout | undefined, index: number): number {
  return dropout ? dropout.latent(index) : 1;
}
