import { ACTIVATIONS, type Activation } from '../../decoder/activation.js';
import { DECODER_LIMITS } from '../../decoder/spec.js';
import { isFlag, isNumber, isNumberList, isOneOf, isText, JsonFields } from '../json-fields.js';

/** What a layer's weights are multiplied with, in the order of their columns. */
const INPUTS = ['hidden', 'latent', 'point'] as const;
export type MlpInput = (typeof INPUTS)[number];

export interface MlpLayer {
  /** Names of tensors: the weight, or g and v of a weight normalisation. */
  readonly weight: string | readonly [g: string, v: string];
  /** Name of a tensor; zeros where there is none. */
  readonly bias?: string;
  readonly inputs: readonly MlpInput[];
  /** Factor of all inputs: 1 / sqrt(2) at a skip of IGR's or NeuS's. */
  readonly inputScale: number;
  /** Frequency, sharpness or alpha of the activation that follows. */
  readonly scale: number;
}

/** A plain multilayer perceptron that somebody else trained as a signed distance function, as its JSON describes it (assets/MLP.md). */
export interface MlpSpec {
  readonly layers: readonly MlpLayer[];
  readonly activation: Activation;
  /** Order of a weight's dimensions: PyTorch's [outputs, inputs] or JAX's [inputs, outputs]. */
  readonly weights: 'out-in' | 'in-out';
  /** The point enters as itself, where `point` says so, then per octave sin(frequency 2^k p), cos(frequency 2^k p). */
  readonly encoding: { readonly octaves: number; readonly frequency: number; readonly point: boolean };
  /** Name of a tensor [shapes, codeLength]. */
  readonly codes?: string;
  /** Names of the shapes. */
  readonly shapes?: readonly string[];
  /** What makes a distance of the last layer: sign * (scale * value + bias), a tanh on the value first where it says so. */
  readonly output: {
    readonly row?: number;
    readonly tanh: boolean;
    readonly scale: number;
    readonly bias: number;
    readonly inside: 'negative' | 'positive';
  };
  /** The cube that becomes model units' [-1, 1]^3, in the units that the perceptron takes. */
  readonly box: { readonly center: readonly number[]; readonly halfSize: number };
  /** Truncation distance, in the perceptron's own units. */
  readonly delta: number;
  /** Tensors that are left out on purpose. */
  readonly unused: readonly string[];
  /** The whole description. */
  readonly json: Readonly<Record<string, unknown>>;
}

const isTextList = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isPair = (value: unknown): value is readonly [string, string] => isTextList(value) && value.length === 2;
const isWeight = (value: unknown): value is MlpLayer['weight'] => isText(value) || isPair(value);
const isPlace = (value: unknown): value is number[] => isNumberList(value) && value.length === 3;
const isInputs = (value: unknown): value is MlpInput[] =>
  Array.isArray(value) && value.every(isOneOf(INPUTS)) && new Set(value).size === value.length;

/** @throws NeuralSdfError INVALID_SPEC naming the field that is missing, unknown, of the wrong kind or out of range */
export function parseMlpSpec(text: string): MlpSpec {
  const fields = JsonFields.parse(text, 'MLP spec');
  const activation = fields.take('activation', isOneOf(ACTIVATIONS)) ?? fields.refuse('activation', `must be ${ACTIVATIONS.join(', ')}`);
  const codes = fields.take('codes', isText);
  const box = fields.group('box');
  const halfSize = takePositive(box, 'halfSize', 1);
  const spec: MlpSpec = {
    layers: takeLayers(fields, activation, codes !== undefined),
    activation,
    weights: fields.take('weights', isOneOf(['out-in', 'in-out'])) ?? 'out-in',
    encoding: takeEncoding(fields.group('encoding')),
    codes,
    shapes: fields.take('shapes', isTextList),
    output: takeOutput(fields.group('output')),
    box: { center: box.take('center', isPlace) ?? [0, 0, 0], halfSize },
    delta: takePositive(fields, 'delta', 0.1 * halfSize),
    unused: fields.take('unused', isTextList) ?? [],
    json: fields.json,
  };
  box.refuseRest();
  fields.refuseRest();
  return spec;
}

function takeLayers(fields: JsonFields, activation: Activation, hasCodes: boolean): MlpLayer[] {
  const commonScale = takePositive(fields, 'scale', 1);
  const groups = fields.takeGroups('layers') ?? fields.refuse('layers', 'is missing');
  const most = DECODER_LIMITS.layers + 1;
  if (groups.length < 2 || groups.length > most) fields.refuse('layers', `must list 2 to ${most}, the output among them`);
  const layers = groups.map((group, index): MlpLayer => {
    const inputs = group.take('inputs', isInputs) ?? (index > 0 ? ['hidden'] : hasCodes ? ['latent', 'point'] : ['point']);
    if (inputs.includes('hidden') !== index > 0) {
      group.refuse('inputs', index > 0 ? "must hold 'hidden', the layer before" : "cannot hold 'hidden': there is no layer before");
    }
    if (inputs.includes('latent') && !hasCodes) group.refuse('inputs', "hold 'latent', but there are no codes");
    const layer = {
      weight: group.take('weight', isWeight) ?? group.refuse('weight', 'is missing'),
      bias: group.take('bias', isText),
      inputs,
      inputScale: takePositive(group, 'inputScale', 1),
      // No activation follows the last.
      scale: index < groups.length - 1 ? takePositive(group, 'scale', commonScale) : commonScale,
    };
    if (activation === 'relu' && layer.scale !== 1) group.refuse('scale', 'must be 1 for ReLU, which has none');
    if (activation === 'elu' && layer.scale !== commonScale) group.refuse('scale', 'must be the same in all layers for ELU');
    group.refuseRest();
    return layer;
  });
  for (const input of INPUTS.filter((name) => name === 'point' || (name === 'latent' && hasCodes))) {
    if (!layers.some(({ inputs }) => inputs.includes(input))) fields.refuse('layers', `take the ${input} nowhere`);
  }
  return layers;
}

function takeEncoding(group: JsonFields): MlpSpec['encoding'] {
  const encoding = {
    octaves: takeCount(group, 'octaves', DECODER_LIMITS.fourierOctaves) ?? 0,
    frequency: takePositive(group, 'frequency', Math.PI),
    point: group.take('point', isFlag) ?? true,
  };
  if (!encoding.point && encoding.octaves === 0) group.refuse('point', 'is false, and no octaves leave nothing of the point');
  group.refuseRest();
  return encoding;
}

function takeOutput(group: JsonFields): MlpSpec['output'] {
  const output: MlpSpec['output'] = {
    row: takeCount(group, 'row', DECODER_LIMITS.width),
    tanh: group.take('tanh', isFlag) ?? false,
    scale: takePositive(group, 'scale', 1),
    bias: group.take('bias', isNumber) ?? 0,
    inside: group.take('inside', isOneOf(['negative', 'positive'])) ?? 'negative',
  };
  group.refuseRest();
  return output;
}

function takePositive(group: JsonFields, name: string, otherwise: number): number {
  const value = group.take(name, isNumber) ?? otherwise;
  return value > 0 ? value : group.refuse(name, `is ${value}, it must be above 0`);
}

function takeCount(group: JsonFields, name: string, most: number): number | undefined {
  const value = group.take(name, isNumber);
  if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= most)) return value;
  return group.refuse(name, `is ${value}, it must be a whole number from 0 to ${most}`);
}
