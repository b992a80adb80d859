import { NeuralSdfError } from '../errors.js';
import { ACTIVATIONS, type Activation } from './activation.js';

/**
 * The DeepSDF family of decoders f(latent, point) -> signed distance (Park 2019, section 4; field names after the
 * authors' `specs.json`), plus two inputs of our own: Fourier octaves of the point and the latent in every layer.
 */
export interface DecoderSpec {
  /** Length of the latent code (`CodeLength`). */
  readonly codeLength: number;
  /** Widths of the hidden layers (`NetworkSpecs.dims`). */
  readonly dims: readonly number[];
  /** Layers before which [latent, point] is concatenated again (`latent_in`); the layer before is narrowed by as much. */
  readonly latentIn: readonly number[];
  /** Concatenate the point before every layer (`xyz_in_all`); the layer before is narrowed by as much. */
  readonly xyzInAll: boolean;
  /** Concatenate the latent code before every layer. Ours: free at run time, since it folds into the bias. */
  readonly latentInAll: boolean;
  /** Octaves k of sin and cos(2^k pi x) that join the point. Ours; 0 is plain DeepSDF. */
  readonly fourierOctaves: number;
  /** Layers that are normalised (`norm_layers`); those that the decoder does not have count for nothing, as in the authors' code. */
  readonly normLayers: readonly number[];
  /** What of them (`weight_norm`): their weights, while training only, or else their outputs (layer norm). */
  readonly weightNorm: boolean;
  /** After every hidden layer. Other than ReLU: ours. */
  readonly activation: Activation;
  /** Frequency of the sine, sharpness of softplus, alpha of ELU; 1 for ReLU. */
  readonly activationScale: number;
  /** tanh on the last layer, before the one of `outputTanh` (`use_tanh`). */
  readonly innerTanh: boolean;
  /** tanh on the output, which the authors' decoder always has. */
  readonly outputTanh: boolean;
}

/** One fully connected layer: its columns are [hidden | latent | point], the last two only where the flags say so. */
export interface LayerPlan {
  /** Columns that read the previous layer's output; 0 for layer 0. */
  readonly hidden: number;
  /** Whether the latent code's columns follow. */
  readonly latent: boolean;
  /** Whether the encoded point's columns follow. */
  readonly point: boolean;
  /** All columns. */
  readonly inputs: number;
  /** Rows. */
  readonly outputs: number;
  /** After it; 'linear' for the last. */
  readonly activation: Activation | 'linear';
  /** Of its weights, while training only; of its outputs, before the activation; or not. */
  readonly normalization: 'weight' | 'layer' | 'none';
}

export const DEFAULT_DECODER_SPEC: DecoderSpec = {
  codeLength: 256,
  dims: [512, 512, 512, 512, 512, 512, 512, 512],
  latentIn: [4],
  xyzInAll: false,
  latentInAll: false,
  fourierOctaves: 0,
  normLayers: [0, 1, 2, 3, 4, 5, 6, 7],
  weightNorm: true,
  activation: 'relu',
  activationScale: 1,
  innerTanh: false,
  outputTanh: true,
};

/** Caps that keep a lying header from allocating memory; four times the paper's decoder in each direction. */
export const DECODER_LIMITS = { codeLength: 4096, layers: 64, width: 4096, fourierOctaves: 12 } as const;

/** Components of the encoded point: x, y, z, then per octave sin of each, cos of each. */
export function encodedPointLength(spec: DecoderSpec): number {
  return 3 + 6 * spec.fourierOctaves;
}

function isInteger(value: unknown, low: number, high: number): boolean {
  return Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
}

/** @throws NeuralSdfError INVALID_SPEC naming the first field that is out of range. */
export function validateSpec(spec: DecoderSpec): void {
  const refuse = (field: string, why: string): never => {
    throw new NeuralSdfError('INVALID_SPEC', `decoder spec: ${field} ${why}`, { field, spec });
  };
  if (!isInteger(spec.codeLength, 1, DECODER_LIMITS.codeLength)) refuse('codeLength', `must be 1 to ${DECODER_LIMITS.codeLength}`);
  if (!Array.isArray(spec.dims) || !isInteger(spec.dims.length, 1, DECODER_LIMITS.layers)) {
    refuse('dims', `must list 1 to ${DECODER_LIMITS.layers} widths`);
  }
  for (const width of spec.dims)
    if (!isInteger(width, 1, DECODER_LIMITS.width)) refuse('dims', `must be 1 to ${DECODER_LIMITS.width} wide`);
  if (!Array.isArray(spec.latentIn)) refuse('latentIn', 'must be a list of layers');
  for (const layer of spec.latentIn)
    if (!isInteger(layer, 1, spec.dims.length)) refuse('latentIn', `must name layers 1 to ${spec.dims.length}`);
  if (!isInteger(spec.fourierOctaves, 0, DECODER_LIMITS.fourierOctaves)) {
    refuse('fourierOctaves', `must be 0 to ${DECODER_LIMITS.fourierOctaves}`);
  }
  if (!Array.isArray(spec.normLayers)) refuse('normLayers', 'must be a list of layers');
  for (const layer of spec.normLayers)
    if (!isInteger(layer, 0, DECODER_LIMITS.layers)) refuse('normLayers', `must name layers 0 to ${DECODER_LIMITS.layers}`);
  if (!ACTIVATIONS.includes(spec.activation)) refuse('activation', `must be one of ${ACTIVATIONS.join(', ')}`);
  if (!(Number.isFinite(spec.activationScale) && spec.activationScale > 0)) refuse('activationScale', 'must be a positive number');
  if (spec.activation === 'relu' && spec.activationScale !== 1) refuse('activationScale', 'must be 1 for ReLU, which has none');
  for (const flag of ['xyzInAll', 'latentInAll', 'weightNorm', 'innerTanh', 'outputTanh'] as const) {
    if (typeof spec[flag] !== 'boolean') refuse(flag, 'must be true or false');
  }
  const point = encodedPointLength(spec);
  for (let layer = 0; layer < spec.dims.length; layer++) {
    if (outputsOf(spec, layer, point) < 1) {
      refuse('dims', `leave layer ${layer} no output: ${spec.dims[layer]} wide, narrowed for the input that is concatenated after it`);
    }
  }
}

/** As in the authors' decoder: a hidden layer is narrowed so that what is concatenated after it restores its width. */
function outputsOf(spec: DecoderSpec, layer: number, point: number): number {
  if (layer === spec.dims.length) return 1;
  if (spec.latentIn.includes(layer + 1)) return spec.dims[layer] - spec.codeLength - point;
  if (spec.xyzInAll) return spec.dims[layer] - point;
  return spec.dims[layer];
}

/**
 * Every layer of the decoder, hidden ones and the output.
 * @throws NeuralSdfError INVALID_SPEC
 */
export function planLayers(spec: DecoderSpec): LayerPlan[] {
  validateSpec(spec);
  const pointLength = encodedPointLength(spec);
  const plans: LayerPlan[] = [];
  for (let layer = 0; layer <= spec.dims.length; layer++) {
    const last = layer === spec.dims.length;
    const hidden = layer === 0 ? 0 : plans[layer - 1].outputs;
    const skip = layer === 0 || spec.latentIn.includes(layer);
    const latent = skip || spec.latentInAll;
    const point = skip || spec.xyzInAll;
    plans.push({
      hidden,
      latent,
      point,
      inputs: hidden + (latent ? spec.codeLength : 0) + (point ? pointLength : 0),
      outputs: outputsOf(spec, layer, pointLength),
      activation: last ? 'linear' : spec.activation,
      normalization: normalizationOf(spec, layer),
    });
  }
  return plans;
}

/** The output may have weight normalisation, never layer norm. */
function normalizationOf({ normLayers, weightNorm, dims }: DecoderSpec, layer: number): LayerPlan['normalization'] {
  if (!normLayers.includes(layer)) return 'none';
  if (weightNorm) return 'weight';
  return layer < dims.length ? 'layer' : 'none';
}

/** Multiply-adds of one evaluation with the latent folded away: what a pixel pays per query point. */
export function multiplyAddsPerEvaluation(spec: DecoderSpec): number {
  const point = encodedPointLength(spec);
  return planLayers(spec).reduce((sum, plan) => sum + plan.outputs * (plan.hidden + (plan.point ? point : 0)), 0);
}

/** `normLayers` that name every hidden layer, as most decoders have it. */
export function allHiddenLayers(dims: readonly number[]): number[] {
  return dims.map((_, layer) => layer);
}
