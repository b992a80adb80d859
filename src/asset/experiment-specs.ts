import { ACTIVATIONS } from '../decoder/activation.js';
import { type DecoderSpec, validateSpec } from '../decoder/spec.js';
import { isAnything, isFlag, isNumber, isNumberList, isOneOf, isText, JsonFields } from './json-fields.js';

/** What of a DeepSDF `specs.json` decides how its checkpoints are read. */
export interface ExperimentSpecs {
  /** Its `outputTanh` is the authors', where the next field says nothing. */
  readonly spec: DecoderSpec;
  /** `OutputTanh` as said under `NeuralSdf`; undefined where the checkpoint is to tell. */
  readonly outputTanh?: boolean;
  /** `ClampingDistance`, model units. */
  readonly delta: number;
  /** Paths as written: relative to wherever DeepSDF was run. */
  readonly trainSplit?: string;
  readonly dataSource?: string;
  /** The whole file. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** `NetworkSpecs` that mean nothing once the decoder is trained. */
const TRAINING_NETWORK_FIELDS = ['dropout', 'dropout_prob', 'latent_dropout'];
/** The same of our own additions. */
const TRAINING_OWN_FIELDS = ['Loss', 'Eikonal'];

/**
 * Reads the part of `specs.json` that its trained decoder depends on. Fields of training alone are left unread.
 * @throws NeuralSdfError INVALID_SPEC naming the field that is missing, of the wrong kind, out of range, or not known to shape a decoder
 */
export function parseExperimentSpecs(text: string): ExperimentSpecs {
  const fields = JsonFields.parse(text, 'specs.json');
  const network = fields.takeGroup('NetworkSpecs') ?? fields.refuse('NetworkSpecs', 'is missing');
  const ours = fields.group('NeuralSdf');
  fields.allow('NetworkArch', 'deep_sdf_decoder', "is not 'deep_sdf_decoder'");
  const delta = fields.take('ClampingDistance', isNumber) ?? 0.1;
  if (!(delta > 0)) fields.refuse('ClampingDistance', `is ${delta}, it must be above 0`);
  const codeLength = fields.take('CodeLength', isNumber) ?? fields.refuse('CodeLength', 'is missing');
  const { outputTanh, ...spec } = takeDecoderSpec(network, ours, codeLength, []);
  for (const name of TRAINING_NETWORK_FIELDS) network.take(name, isAnything);
  for (const name of TRAINING_OWN_FIELDS) ours.take(name, isAnything);
  // What is not known might change what the decoder computes.
  network.refuseRest();
  ours.refuseRest();
  const whole = { ...spec, outputTanh: outputTanh ?? true };
  validateSpec(whole);
  return {
    spec: whole,
    outputTanh,
    delta,
    trainSplit: fields.take('TrainSplit', isText),
    dataSource: fields.take('DataSource', isText),
    json: fields.json,
  };
}

/**
 * Takes what shapes a decoder out of `NetworkSpecs` and of our own additions, `NeuralSdf`; an absent field has the authors' default.
 * @param dims where `dims` is absent
 * @returns not yet validated; `outputTanh` only where it is said
 * @throws NeuralSdfError INVALID_SPEC naming a field of the wrong kind
 */
export function takeDecoderSpec(
  network: JsonFields,
  ours: JsonFields,
  codeLength: number,
  dims: readonly number[],
): Omit<DecoderSpec, 'outputTanh'> & { readonly outputTanh?: boolean } {
  return {
    codeLength,
    dims: network.take('dims', isNumberList) ?? dims,
    latentIn: network.take('latent_in', isNumberList) ?? [],
    xyzInAll: network.take('xyz_in_all', isFlag) ?? false,
    latentInAll: ours.take('LatentInAll', isFlag) ?? false,
    fourierOctaves: ours.take('FourierOctaves', isNumber) ?? 0,
    normLayers: network.take('norm_layers', isNumberList) ?? [],
    weightNorm: network.take('weight_norm', isFlag) ?? false,
    activation: ours.take('Activation', isOneOf(ACTIVATIONS)) ?? 'relu',
    activationScale: ours.take('ActivationScale', isNumber) ?? 1,
    innerTanh: network.take('use_tanh', isFlag) ?? false,
    outputTanh: ours.take('OutputTanh', isFlag),
  };
}

/** Sets the fields that `parseExperimentSpecs` reads in a copy of `base`. */
export function formatExperimentSpecs(spec: DecoderSpec, delta: number, base: Readonly<Record<string, unknown>>): string {
  const { NeuralSdf: baseOurs, NetworkSpecs: network, ...rest } = base as Record<string, Readonly<Record<string, unknown>> | undefined>;
  const ours = {
    ...Object.fromEntries(TRAINING_OWN_FIELDS.flatMap((name) => (baseOurs?.[name] === undefined ? [] : [[name, baseOurs[name]]]))),
    ...(spec.latentInAll && { LatentInAll: true }),
    ...(spec.fourierOctaves > 0 && { FourierOctaves: spec.fourierOctaves }),
    ...(spec.activation !== 'relu' && { Activation: spec.activation, ActivationScale: spec.activationScale }),
    ...(!spec.outputTanh && { OutputTanh: false }),
  };
  const specs = {
    Description: ['Exported by babylon-neural-sdf'],
    ...rest,
    NetworkArch: 'deep_sdf_decoder',
    NetworkSpecs: {
      dropout: [],
      dropout_prob: 0,
      latent_dropout: false,
      ...network,
      dims: spec.dims,
      norm_layers: spec.normLayers,
      latent_in: spec.latentIn,
      xyz_in_all: spec.xyzInAll,
      use_tanh: spec.innerTanh,
      weight_norm: spec.weightNorm,
    },
    CodeLength: spec.codeLength,
    ClampingDistance: delta,
    ...(Object.keys(ours).length > 0 && { NeuralSdf: ours }),
  };
  return `${JSON.stringify(specs, null, 2)}\n`;
}
