import { takeDecoderSpec } from '../asset/experiment-specs.js';
import { isAnything, isFlag, isNumber, isNumberList, isText, JsonFields } from '../asset/json-fields.js';
import { type DecoderSpec, validateSpec } from '../decoder/spec.js';
import type { Dropout } from './engine.js';
import type { LearningRateSchedule } from './schedule.js';
import {
  DEFAULT_EIKONAL,
  DEFAULT_TRAIN_SPEC,
  DEFAULT_TRAINING_SETTINGS,
  type EikonalSettings,
  type TrainingSettings,
  validateTrainingSettings,
} from './settings.js';

/** What the authors' decoder has for `latent_dropout`, whatever `dropout_prob` says. */
const LATENT_DROPOUT = 0.2;

/** A DeepSDF experiment as `specs.json` describes it. */
export interface Experiment {
  readonly spec: DecoderSpec;
  readonly settings: TrainingSettings;
  /** `SnapshotFrequency`: a checkpoint is kept for good each time so many epochs have passed. */
  readonly snapshotEpochs?: number;
  /** `LogFrequency`: likewise for the latest checkpoint. */
  readonly logEpochs?: number;
  /** `AdditionalSnapshots`: epochs whose checkpoints are kept besides. */
  readonly additionalEpochs: readonly number[];
  /** Paths as written: relative to wherever DeepSDF was run. */
  readonly dataSource?: string;
  readonly trainSplit?: string;
  readonly testSplit?: string;
}

/**
 * Reads a DeepSDF `specs.json`. Additions of ours stand under `NeuralSdf`: `LatentInAll`, `FourierOctaves`, `OutputTanh` (DeepSDF
 * always ends in a tanh), `Activation` and `ActivationScale`, `Loss`, `Eikonal` {`Weight`, `Step`, `StencilsPerScene`}, and the
 * schedule type `Cosine`. `latent_dropout` draws one mask a shape and step, where the authors' code draws one a sample. An absent
 * field has DeepSDF's own default; where DeepSDF demands one, ours.
 * @throws NeuralSdfError INVALID_SPEC naming the field that is unknown, of the wrong kind, out of range, or asks for what is not
 *   supported: nothing is ignored. `DataLoaderThreads` and `BatchSplit` pass, since they change how a run computes, not what.
 */
export function parseSpecsJson(text: string): Experiment {
  const fields = JsonFields.parse(text, 'specs.json');
  fields.take('Description', isAnything);
  const network = fields.group('NetworkSpecs');
  const ours = fields.group('NeuralSdf');
  fields.allow('NetworkArch', 'deep_sdf_decoder', "is not supported: only 'deep_sdf_decoder' is");
  const codeLength = fields.take('CodeLength', isNumber) ?? DEFAULT_TRAIN_SPEC.codeLength;
  const taken = takeDecoderSpec(network, ours, codeLength, DEFAULT_TRAIN_SPEC.dims);
  const spec: DecoderSpec = { ...taken, outputTanh: taken.outputTanh ?? true };
  const settings = readSettings(fields, network, ours, codeLength);
  const paths = {
    dataSource: fields.take('DataSource', isText),
    trainSplit: fields.take('TrainSplit', isText),
    testSplit: fields.take('TestSplit', isText),
  };
  const [snapshotEpochs, logEpochs] = ['SnapshotFrequency', 'LogFrequency'].map((name) => {
    const epochs = fields.take(name, isNumber);
    if (epochs !== undefined && !(Number.isInteger(epochs) && epochs > 0)) fields.refuse(name, 'must be a whole number of epochs above 0');
    return epochs;
  });
  const additional = fields.take('AdditionalSnapshots', isNumberList) ?? [];
  fields.take('DataLoaderThreads', isNumber);
  fields.take('BatchSplit', isNumber);
  for (const group of [network, ours, fields]) group.refuseRest();
  validateSpec(spec);
  validateTrainingSettings(settings);
  const lastHidden = spec.dims.length - 1;
  if (settings.dropout?.layers.some((layer) => layer > lastHidden)) {
    network.refuse('dropout', `must name hidden layers, 0 to ${lastHidden}`);
  }
  return {
    spec,
    settings,
    snapshotEpochs,
    logEpochs,
    additionalEpochs: additional,
    ...paths,
  };
}

/** `dropout_prob` without layers, or layers without it, drop nothing, as in the authors' code. */
function readDropout(network: JsonFields): Dropout | undefined {
  const layers = network.take('dropout', isNumberList) ?? [];
  const probability = network.take('dropout_prob', isNumber) ?? 0;
  const latentProbability = (network.take('latent_dropout', isFlag) ?? false) ? LATENT_DROPOUT : 0;
  const drops = layers.length > 0 && probability > 0;
  if (!drops && latentProbability === 0) return undefined;
  return { layers: drops ? layers : [], probability: drops ? probability : 0, latentProbability };
}

function readEikonal(ours: JsonFields): EikonalSettings | undefined {
  const group = ours.takeGroup('Eikonal');
  if (!group) return undefined;
  const eikonal = {
    weight: group.take('Weight', isNumber) ?? DEFAULT_EIKONAL.weight,
    step: group.take('Step', isNumber) ?? DEFAULT_EIKONAL.step,
    stencilsPerShape: group.take('StencilsPerScene', isNumber) ?? DEFAULT_EIKONAL.stencilsPerShape,
  };
  group.refuseRest();
  return eikonal;
}

function readSettings(fields: JsonFields, network: JsonFields, ours: JsonFields, codeLength: number): TrainingSettings {
  const defaults = DEFAULT_TRAINING_SETTINGS;
  const [decoderRate, latentRate] = readSchedules(fields);
  const regularized = fields.take('CodeRegularization', isFlag) ?? true;
  const regularization = fields.take('CodeRegularizationLambda', isNumber) ?? 1e-4;
  const gradientClip = fields.take('GradientClipNorm', isNumber);
  const dropout = readDropout(network);
  const eikonal = readEikonal(ours);
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
    ...(dropout && { dropout }),
    ...(gradientClip !== undefined && { gradientClip }),
    ...(eikonal && { eikonal }),
  };
}

function readSchedules(fields: JsonFields): LearningRateSchedule[] {
  const schedules = fields.takeGroups('LearningRateSchedule');
  if (schedules === undefined) return [];
  if (schedules.length !== 2) fields.refuse('LearningRateSchedule', 'must list two: of the decoder, of the latent codes');
  return schedules.map((schedule) => {
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
