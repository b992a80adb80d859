import { NeuralSdfError } from '../errors.js';
import type { Random } from '../random.js';
import type { LayerNorm } from './layer-norm.js';
import { type DecoderSpec, type LayerPlan, planLayers } from './spec.js';

/** float64 only where a test differentiates numerically; everything shipped is float32. */
export type FloatArray = Float32Array | Float64Array;

/** Effective parameters of one layer: weight normalisation is already applied. */
export interface DecoderLayer {
  /** [outputs, inputs], row-major; columns as in LayerPlan. */
  readonly weight: FloatArray;
  /** [outputs] */
  readonly bias: FloatArray;
  /** Where the layer's outputs are normalised, and only there. */
  readonly layerNorm?: LayerNorm;
}

/** A trained signed distance function: negative inside, positive outside, in normalised model units. */
export interface Decoder {
  readonly spec: DecoderSpec;
  readonly layers: readonly DecoderLayer[];
}

/** By bits, because a compiler may assume that floats are finite. */
export function firstNotFinite(values: FloatArray): number {
  if (values instanceof Float32Array) {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0; i < bits.length; i++) if ((bits[i] & 0x7f800000) === 0x7f800000) return i;
    return -1;
  }
  return values.findIndex((value) => !Number.isFinite(value));
}

/**
 * @throws NeuralSdfError INVALID_SPEC, SHAPE_MISMATCH when a tensor's length is not the spec's, NOT_FINITE naming the
 * layer that holds a NaN or an infinity.
 */
export function createDecoder(spec: DecoderSpec, layers: readonly DecoderLayer[]): Decoder {
  const plans = planLayers(spec);
  if (layers.length !== plans.length) {
    throw new NeuralSdfError('SHAPE_MISMATCH', `decoder has ${layers.length} layers, its spec ${plans.length}`, { spec });
  }
  for (const [index, plan] of plans.entries()) checkLayer(index, plan, layers[index]);
  return { spec, layers };
}

function checkLayer(index: number, plan: LayerPlan, layer: DecoderLayer): void {
  const { outputs, inputs } = plan;
  const normalized = plan.normalization === 'layer';
  const tensors: readonly [string, FloatArray | undefined, number][] = [
    ['weight', layer.weight, outputs * inputs],
    ['bias', layer.bias, outputs],
    ['gain', layer.layerNorm?.gain, normalized ? outputs : 0],
    ['shift', layer.layerNorm?.shift, normalized ? outputs : 0],
  ];
  for (const [name, values = new Float32Array(0), expected] of tensors) {
    if (values.length !== expected) {
      throw new NeuralSdfError('SHAPE_MISMATCH', `decoder layer ${index}: ${name} has ${values.length} values, the spec says ${expected}`, {
        layer: index,
        name,
      });
    }
    const bad = firstNotFinite(values);
    if (bad >= 0) {
      throw new NeuralSdfError('NOT_FINITE', `decoder layer ${index}: ${name}[${bad}] is ${values[bad]}`, { layer: index, name, at: bad });
    }
  }
}

/** @throws NeuralSdfError LATENT_LENGTH, NOT_FINITE */
export function checkLatent(spec: DecoderSpec, latent: ArrayLike<number>): void {
  if (latent.length !== spec.codeLength) {
    throw new NeuralSdfError('LATENT_LENGTH', `latent code has ${latent.length} values, the decoder takes ${spec.codeLength}`, {
      length: latent.length,
      codeLength: spec.codeLength,
    });
  }
  for (let i = 0; i < latent.length; i++) {
    if (!Number.isFinite(latent[i])) throw new NeuralSdfError('NOT_FINITE', `latent code [${i}] is ${latent[i]}`, { at: i });
  }
}

/**
 * Untrained decoder: uniform in +-1/sqrt(inputs), PyTorch's default for a linear layer, which DeepSDF starts from; weights before a sine
 * as SIREN has them (Sitzmann 2020, section 3.2): +-1/inputs in layer 0, then +-sqrt(6/inputs)/frequency.
 */
export function initializeDecoder(spec: DecoderSpec, random: Random): Decoder {
  const layers = planLayers(spec).map((plan, index): DecoderLayer => {
    const bound = 1 / Math.sqrt(plan.inputs);
    const sineBound = index === 0 ? 1 / plan.inputs : Math.sqrt(6 / plan.inputs) / spec.activationScale;
    const draw = (count: number, limit: number) => Float32Array.from({ length: count }, () => random.range(-limit, limit));
    const weight = draw(plan.outputs * plan.inputs, spec.activation === 'sine' ? sineBound : bound);
    const bias = draw(plan.outputs, bound);
    if (plan.normalization !== 'layer') return { weight, bias };
    return { weight, bias, layerNorm: { gain: new Float32Array(plan.outputs).fill(1), shift: new Float32Array(plan.outputs) } };
  });
  return { spec, layers };
}

/** Numbers in all its layers. */
export function parameterCount(decoder: Decoder): number {
  return decoder.layers.reduce(
    (sum, { weight, bias, layerNorm }) => sum + weight.length + bias.length + (layerNorm ? 2 * layerNorm.gain.length : 0),
    0,
  );
}
