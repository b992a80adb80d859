import { type DecoderSpec, validateSpec } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';
import type { LearningRateSchedule } from './schedule.js';
import { DEFAULT_TRAIN_SPEC, DEFAULT_TRAINING_SETTINGS, type TrainingSettings, validateTrainingSettings } from './settings.js';

/** A DeepSDF experiment as `specs.json` describes it. */
export interface Experiment {
  readonly spec: DecoderSpec;
  readonly settings: TrainingSettings;
  /** The more frequent of `SnapshotFrequency` and `LogFrequency`: both end in a checkpoint, and ours are all complete. */
  readonly checkpointEpochs?: number;
  /** Paths as written: relative to wherever DeepSDF was run. */
  readonly dataSource?: string;
  readonly trainSplit?: string;
  readonly testSplit?: string;
}

/**
 * Reads a DeepSDF `specs.json`. Additions of ours stand under `NeuralSdf`: `LatentInAll`, `FourierOctaves`, `OutputTanh` (DeepSDF
 * always ends in a tanh), `Loss`, and the schedule type `Cosine`. An absent field has DeepSDF's own default; where DeepSDF demands
 * one, ours.
 * @throws NeuralSdfError INVALID_SPEC naming the field that is unknown, of the wrong kind, out of range, or asks for what is not
 *   supported: nothing is ignored. `DataLoaderThreads` and `BatchSplit` pass, since they change how a run computes, not what.
 */
export function parseSpecsJson(text: string): Experiment {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new NeuralSdfError('INVALID_SPEC', `specs.json is not JSON: ${(cause as Error).message}`, {}, { cause });
  }
  const fields = new Fields(json, '');
  fields.take('Description', isAnything);
  const network = fields.group('NetworkSpecs');
  const ours = fields.group('NeuralSdf');
  fields.allow('NetworkArch', 'deep_sdf_decoder', "is not supported: only 'deep_sdf_decoder' is");
  const codeLength = fields.take('CodeLength', isNumber) ?? DEFAULT_TRAIN_SPEC.codeLength;
  const spec = readDecoder(network, ours, codeLength);
  const settings = readSettings(fields, ours, codeLength);
  const paths = {
    dataSource: fields.take('DataSource', isText),
    trainSplit: fields.take('TrainSplit', isText),
    testSplit: fields.take('TestSplit', isText),
  };
  const intervals = [fields.take('SnapshotFrequency', isNumber), fields.take('LogFrequency', isNumber)].filter((n) => n !== undefined);
  fields.allow('AdditionalSnapshots', [], 'is not supported: leave the list empty');
  fields.take('DataLoaderThreads', isNumber);
  fields.take('BatchSplit', isNumber);
  for (const group of [network, ours, fields]) group.refuseRest();
  validateSpec(spec);
  validateTrainingSettings(settings);
  return { spec, settings, checkpointEpochs: intervals.length > 0 ? Math.min(...intervals) : undefined, ...paths };
}

function readDecoder(network: Fields, ours: Fields, codeLength: number): DecoderSpec {
  const dims = network.take('dims', isNumberList) ?? DEFAULT_TRAIN_SPEC.dims;
  const dropout = network.take('dropout', isNumberList) ?? [];
  const dropoutProbability = network.take('dropout_prob', isNumber) ?? 0;
  if (dropout.length > 0 && dropoutProbability > 0) {
    network.refuse('dropout', 'is not supported: set it to [], or dropout_prob to 0 (it hurts decoders on small budgets)');
  }
  network.allow('latent_dropout', false, 'is not supported: set it to false');
  network.allow('use_tanh', false, 'would apply tanh twice, which is not supported: set it to false');
  return {
    codeLength,
    dims,
    latentIn: network.take('latent_in', isNumberList) ?? [],
    xyzInAll: network.take('xyz_in_all', isFlag) ?? false,
    latentInAll: ours.take('LatentInAll', isFlag) ?? false,
    fourierOctaves: ours.take('FourierOctaves', isNumber) ?? 0,
    weightNorm: readWeightNorm(network, dims.length),
    outputTanh: ours.take('OutputTanh', isFlag) ?? true,
  };
}

/** DeepSDF normalises the layers listed: their weights where `weight_norm` is set, else their outputs (layer norm). */
function readWeightNorm(network: Fields, hiddenLayers: number): boolean {
  const layers = new Set(network.take('norm_layers', isNumberList) ?? []);
  const weightNorm = network.take('weight_norm', isFlag) ?? false;
  if (layers.size === 0) return false;
  if (!weightNorm) network.refuse('norm_layers', 'without weight_norm asks for layer norm, which is not supported');
  const all = layers.size === hiddenLayers && [...layers].every((layer) => layer >= 0 && layer < hiddenLayers);
  if (!all) network.refuse('norm_layers', `must name none or all of the ${hiddenLayers} hidden layers`);
  return true;
}

function readSettings(fields: Fields, ours: Fields, codeLength: number): TrainingSettings {
  const defaults = DEFAULT_TRAINING_SETTINGS;
  const [decoderRate, latentRate] = readSchedules(fields);
  const regularized = fields.take('CodeRegularization', isFlag) ?? true;
  const regularization = fields.take('CodeRegularizationLambda', isNumber) ?? 1e-4;
  fields.allow('GradientClipNorm', null, 'is not supported: leave it out');
  return {
    loss: ours.take('Loss', (value): value is TrainingSettings['loss'] => typeof value === 'string') ?? 'clamped-l1',
    delta: fields.take('ClampingDistance', isNumber) ?? defaults.delta,
    codeBound: fields.take('CodeBound', isNumber) ?? Number.POSITIVE_INFINITY,
    codeStdDev: (fields.take('CodeInitStdDev', isNumber) ?? 1) / Math.sqrt(codeLength),
    regularization: regularized ? regularization : 0,
    regularizationWarmup: defaults.regularizationWarmup,
    decoderRate: decoderRate ?? defaults.decoderRate,
    latentRate: latentRate ?? defaults.latentRate,
    shapesPerStep: fields.take('ScenesPerBatch', isNumber) ?? defaults.shapesPerStep,
    samplesPerShape: fields.take('SamplesPerScene', isNumber) ?? defaults.samplesPerShape,
    epochs: fields.take('NumEpochs', isNumber),
  };
}

function readSchedules(fields: Fields): LearningRateSchedule[] {
  const list = fields.take('LearningRateSchedule', (value): value is unknown[] => Array.isArray(value));
  if (list === undefined) return [];
  if (list.length !== 2) fields.refuse('LearningRateSchedule', 'must list two: of the decoder, of the latent codes');
  return list.map((entry, index) => {
    const schedule = new Fields(entry, `LearningRateSchedule[${index}].`);
    const number = (name: string): number => schedule.take(name, isNumber) ?? schedule.refuse(name, 'is missing');
    const type = schedule.take('Type', isText);
    const read = (): LearningRateSchedule => {
      if (type === 'Constant') return { type, value: number('Value') };
      if (type === 'Step') return { type, initial: number('Initial'), interval: number('Interval'), factor: number('Factor') };
      if (type === 'Warmup') return { type, initial: number('Initial'), final: number('Final'), length: number('Length') };
      if (type === 'Cosine') return { type, initial: number('Initial') };
      return schedule.refuse('Type', `is '${type}', not Step, Warmup, Constant or Cosine`);
    };
    const result = read();
    schedule.refuseRest();
    return result;
  });
}

const isAnything = (value: unknown): value is unknown => value !== undefined;
const isText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isNumberList = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNumber);

/** A JSON object whose fields are taken one by one, so that whatever is left was not understood. */
class Fields {
  private readonly _values: Map<string, unknown>;
  private readonly _prefix: string;

  constructor(value: unknown, prefix: string) {
    this._prefix = prefix;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new NeuralSdfError('INVALID_SPEC', `specs.json: ${prefix.slice(0, -1) || 'the file'} is not an object`, { field: prefix });
    }
    this._values = new Map(Object.entries(value));
  }

  /** undefined where absent or null, as DeepSDF treats them alike. */
  take<T>(name: string, isKind: (value: unknown) => value is T): T | undefined {
    const value = this._values.get(name);
    this._values.delete(name);
    if (value === undefined || value === null) return undefined;
    return isKind(value) ? value : this.refuse(name, `is ${JSON.stringify(value)}, which is of the wrong kind`);
  }

  /** A field that may hold one value only, or be absent. */
  allow(name: string, only: unknown, why: string): void {
    const value = this.take(name, isAnything);
    if (value !== undefined && JSON.stringify(value) !== JSON.stringify(only)) this.refuse(name, why);
  }

  group(name: string): Fields {
    return new Fields(this.take(name, isAnything) ?? {}, `${this._prefix}${name}.`);
  }

  refuse(name: string, why: string): never {
    const field = this._prefix + name;
    throw new NeuralSdfError('INVALID_SPEC', `specs.json: ${field} ${why}`, { field });
  }

  refuseRest(): void {
    for (const name of this._values.keys()) this.refuse(name, 'is not known');
  }
}
