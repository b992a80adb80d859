import { DEFAULT_DECODER_SPEC, type DecoderSpec, validateSpec } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';

/** What of a DeepSDF `specs.json` decides how its checkpoints are read. */
export interface ExperimentSpecs {
  readonly spec: DecoderSpec;
  /** `OutputTanh` as said under `NeuralSdf`; undefined where the checkpoint is to tell. */
  readonly outputTanh?: boolean;
  /** `use_tanh`: a tanh inside the last layer, besides the one that the authors' decoder always ends in. */
  readonly innerTanh: boolean;
  /** `ClampingDistance`, model units. */
  readonly delta: number;
  /** Paths as written: relative to wherever DeepSDF was run. */
  readonly trainSplit?: string;
  readonly dataSource?: string;
  /** The whole file. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** `NetworkSpecs` that shape the decoder or, like dropout, mean nothing once it is trained. */
const NETWORK_FIELDS = [
  'dims',
  'dropout',
  'dropout_prob',
  'norm_layers',
  'latent_in',
  'xyz_in_all',
  'use_tanh',
  'latent_dropout',
  'weight_norm',
];
/** Of our own additions; `Loss` concerns training alone. */
const OWN_FIELDS = ['LatentInAll', 'FourierOctaves', 'OutputTanh', 'Loss'];
/** More than any specs.json has. */
const MAX_LENGTH = 1 << 20;

/**
 * Reads the part of `specs.json` that its trained decoder depends on. Fields of training alone are left unread.
 * @throws NeuralSdfError INVALID_SPEC naming the field that is missing, of the wrong kind, or not known to shape a decoder; layer norm
 * (`norm_layers` without `weight_norm`) is refused
 */
export function parseExperimentSpecs(text: string): ExperimentSpecs {
  const json = objectIn(parseJson(text), 'the file');
  const network = objectIn(json.NetworkSpecs, 'NetworkSpecs');
  const ours = json.NeuralSdf === undefined ? {} : objectIn(json.NeuralSdf, 'NeuralSdf');
  refuseUnknown(network, NETWORK_FIELDS, 'NetworkSpecs');
  refuseUnknown(ours, OWN_FIELDS, 'NeuralSdf');
  if ((json.NetworkArch ?? 'deep_sdf_decoder') !== 'deep_sdf_decoder') refuse('NetworkArch', "is not 'deep_sdf_decoder'");
  const flag = (group: Record<string, unknown>, name: string) => optional(group, name, 'boolean') ?? false;
  const list = (name: string) => numbersIn(network[name] ?? [], `NetworkSpecs.${name}`);
  if (list('norm_layers').length > 0 && !flag(network, 'weight_norm')) {
    refuse('NetworkSpecs.norm_layers', 'without weight_norm asks for layer norm, which this decoder has no counterpart of');
  }
  const delta = optional(json, 'ClampingDistance', 'number') ?? 0.1;
  if (!(delta > 0 && delta < Number.POSITIVE_INFINITY)) refuse('ClampingDistance', `is ${delta}, it must be above 0`);
  const spec: DecoderSpec = {
    ...DEFAULT_DECODER_SPEC,
    codeLength: optional(json, 'CodeLength', 'number') ?? refuse('CodeLength', 'is missing'),
    dims: list('dims'),
    latentIn: list('latent_in'),
    xyzInAll: flag(network, 'xyz_in_all'),
    latentInAll: flag(ours, 'LatentInAll'),
    fourierOctaves: optional(ours, 'FourierOctaves', 'number') ?? 0,
  };
  validateSpec(spec);
  return {
    spec,
    outputTanh: optional(ours, 'OutputTanh', 'boolean'),
    innerTanh: flag(network, 'use_tanh'),
    delta,
    trainSplit: optional(json, 'TrainSplit', 'string'),
    dataSource: optional(json, 'DataSource', 'string'),
    json,
  };
}

/** Sets the fields that `parseExperimentSpecs` reads in a copy of `base`. */
export function formatExperimentSpecs(spec: DecoderSpec, delta: number, base: Readonly<Record<string, unknown>>): string {
  const { codeLength, dims, latentIn, xyzInAll, latentInAll, fourierOctaves, weightNorm, outputTanh } = spec;
  const ours = {
    ...(latentInAll && { LatentInAll: true }),
    ...(fourierOctaves > 0 && { FourierOctaves: fourierOctaves }),
    ...(!outputTanh && { OutputTanh: false }),
  };
  const { NeuralSdf: _, NetworkSpecs: network, ...rest } = base as { NeuralSdf?: unknown; NetworkSpecs?: object };
  const specs = {
    Description: ['Exported by babylon-neural-sdf'],
    ...rest,
    NetworkArch: 'deep_sdf_decoder',
    NetworkSpecs: {
      dropout: [],
      dropout_prob: 0,
      latent_dropout: false,
      ...network,
      dims,
      norm_layers: weightNorm ? dims.map((_, layer) => layer) : [],
      latent_in: latentIn,
      xyz_in_all: xyzInAll,
      use_tanh: false,
      weight_norm: weightNorm,
    },
    CodeLength: codeLength,
    ClampingDistance: delta,
    ...(Object.keys(ours).length > 0 && { NeuralSdf: ours }),
  };
  return `${JSON.stringify(specs, null, 2)}\n`;
}

function refuse(field: string, why: string): never {
  throw new NeuralSdfError('INVALID_SPEC', `specs.json: ${field} ${why}`, { field });
}

function parseJson(text: string): unknown {
  if (text.length > MAX_LENGTH) refuse('the file', `has ${text.length} characters`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new NeuralSdfError('INVALID_SPEC', `specs.json is not JSON: ${(cause as Error).message}`, {}, { cause });
  }
}

function objectIn(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(field, 'is not an object');
  return value as Record<string, unknown>;
}

function numbersIn(value: unknown, field: string): number[] {
  if (!Array.isArray(value) || !value.every(Number.isFinite)) refuse(field, 'is not a list of numbers');
  return value as number[];
}

interface Kinds {
  number: number;
  string: string;
  boolean: boolean;
}

/** undefined where absent or null, as DeepSDF treats them alike. */
function optional<K extends keyof Kinds>(group: Record<string, unknown>, name: string, kind: K): Kinds[K] | undefined {
  const value = group[name] ?? undefined;
  if (value !== undefined && typeof value !== kind) refuse(name, `is ${JSON.stringify(value)}, not a ${kind}`);
  return value as Kinds[K] | undefined;
}

function refuseUnknown(group: Record<string, unknown>, known: readonly string[], name: string): void {
  const unknown = Object.keys(group).find((field) => !known.includes(field));
  if (unknown !== undefined) refuse(`${name}.${unknown}`, 'is not known, and might change what the decoder computes');
}
