import type { Activation } from './activation.js';
import { checkLatent, type Decoder } from './decoder.js';
import type { LayerNorm } from './layer-norm.js';
import { encodedPointLength, planLayers } from './spec.js';

/**
 * One layer without its latent columns. For a given shape the latent code is constant, so W [h, z, x] + b =
 * Wh h + Wx x + (Wz z + b): the weights serve every shape, the biases one (notes of Park 2019's decoder, exact).
 */
export interface FoldedLayer {
  readonly outputs: number;
  /** Columns of the previous layer's output, 0 for layer 0. */
  readonly hidden: number;
  /** Columns of the encoded point, 0 where it does not enter. */
  readonly point: number;
  /** [outputs, hidden + point], row-major. */
  readonly weight: Float32Array;
  readonly activation: Activation | 'linear';
  /** Of its outputs, before the activation. It serves every shape, as the weights do. */
  readonly layerNorm?: LayerNorm;
  /** Where this layer's biases start in `foldBiases`' answer. */
  readonly biasOffset: number;
}

/** A decoder of the point alone; give it biases and it is one shape. */
export interface FoldedDecoder {
  readonly fourierOctaves: number;
  /** `activationScale` of the spec. */
  readonly activationScale: number;
  readonly innerTanh: boolean;
  readonly outputTanh: boolean;
  readonly layers: readonly FoldedLayer[];
  /** Length of `foldBiases`' answer: one for each row of each layer. */
  readonly biasCount: number;
}

/** Drops the latent columns. Done once a decoder. */
export function foldDecoder(decoder: Decoder): FoldedDecoder {
  const pointLength = encodedPointLength(decoder.spec);
  let biasOffset = 0;
  const layers = planLayers(decoder.spec).map((plan, index) => {
    const point = plan.point ? pointLength : 0;
    const width = plan.hidden + point;
    const source = decoder.layers[index].weight;
    const weight = new Float32Array(plan.outputs * width);
    for (let row = 0; row < plan.outputs; row++) {
      const from = row * plan.inputs;
      weight.set(source.subarray(from, from + plan.hidden), row * width);
      if (plan.point) weight.set(source.subarray(from + plan.inputs - point, from + plan.inputs), row * width + plan.hidden);
    }
    const { outputs, hidden, activation } = plan;
    const { layerNorm } = decoder.layers[index];
    const layer: FoldedLayer = { outputs, hidden, point, weight, activation, biasOffset, ...(layerNorm && { layerNorm }) };
    biasOffset += outputs;
    return layer;
  });
  const { fourierOctaves, activationScale, innerTanh, outputTanh } = decoder.spec;
  return { fourierOctaves, activationScale, innerTanh, outputTanh, layers, biasCount: biasOffset };
}

/**
 * Wz z + b for every layer: what changes when a latent code is edited.
 * @param latent [codeLength]
 * @param out [biasCount], made when not given
 * @throws NeuralSdfError LATENT_LENGTH, NOT_FINITE
 */
export function foldBiases(decoder: Decoder, latent: ArrayLike<number>, out?: Float32Array): Float32Array {
  checkLatent(decoder.spec, latent);
  const plans = planLayers(decoder.spec);
  const biases = out ?? new Float32Array(plans.reduce((sum, plan) => sum + plan.outputs, 0));
  let at = 0;
  plans.forEach((plan, index) => {
    const { weight, bias } = decoder.layers[index];
    for (let row = 0; row < plan.outputs; row++) {
      let sum = bias[row];
      if (plan.latent) {
        const first = row * plan.inputs + plan.hidden;
        for (let i = 0; i < latent.length; i++) sum += weight[first + i] * latent[i];
      }
      biases[at++] = sum;
    }
  });
  return biases;
}
