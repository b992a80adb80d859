import type { DecoderSpec } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';
import type { Dropout, Eikonal, EngineSettings, TrainingLoss } from './engine.js';
import { type LearningRateSchedule, validateSchedule } from './schedule.js';

/** How a decoder is trained; its own form is in DecoderSpec. Names in brackets are DeepSDF's `specs.json`. */
export interface TrainingSettings {
  readonly loss: TrainingLoss;
  /** Truncation distance, model units (`ClampingDistance`). */
  readonly delta: number;
  /** Longest latent code (`CodeBound`), Infinity for none. */
  readonly codeBound: number;
  /** Standard deviation of a latent component at the start (`CodeInitStdDev` / sqrt(`CodeLength`)). */
  readonly codeStdDev: number;
  /** Factor of mean |latent| (`CodeRegularizationLambda`), 0 for no prior. */
  readonly regularization: number;
  /** Epochs over which the prior grows to its factor; 100 in the authors' code. */
  readonly regularizationWarmup: number;
  readonly decoderRate: LearningRateSchedule;
  readonly latentRate: LearningRateSchedule;
  /** Shapes in a step (`ScenesPerBatch`). */
  readonly shapesPerStep: number;
  /** Samples of each, half inside, half outside (`SamplesPerScene`). */
  readonly samplesPerShape: number;
  /** Passes over the shapes (`NumEpochs`), where neither steps nor a time budget are asked for. */
  readonly epochs?: number;
  readonly dropout?: Dropout;
  /** `GradientClipNorm`. */
  readonly gradientClip?: number;
  /** Ours. */
  readonly eikonal?: EikonalSettings;
}

export interface EikonalSettings extends Eikonal {
  /** Stencils a shape in a step, besides its samples: half around samples near the surface, half anywhere in the cube. */
  readonly stencilsPerShape: number;
}

/**
 * What did best on a small time budget: against the authors' settings (dropout 0.2, 5e-4 and 1e-3 halved in steps, 64
 * shapes a step) the Chamfer distance after ten minutes on two cores was ten times smaller.
 */
export const DEFAULT_TRAINING_SETTINGS: Omit<TrainingSettings, 'codeStdDev'> = {
  loss: 'saturated-l1',
  delta: 0.1,
  codeBound: 1,
  regularization: 1e-4,
  regularizationWarmup: 100,
  decoderRate: { type: 'Cosine', initial: 3e-3 },
  latentRate: { type: 'Cosine', initial: 3e-3 },
  shapesPerStep: 4,
  samplesPerShape: 2048,
};

/** For whoever asks for an eikonal term without saying how. */
export const DEFAULT_EIKONAL: EikonalSettings = { weight: 0.01, step: 0.01, stencilsPerShape: 256 };

/** Small enough to be traced per pixel in real time; the latent code in every layer costs nothing once folded. */
export const DEFAULT_TRAIN_SPEC: DecoderSpec = {
  codeLength: 16,
  dims: [64, 64, 64, 64],
  latentIn: [],
  xyzInAll: false,
  latentInAll: true,
  fourierOctaves: 2,
  normLayers: [0, 1, 2, 3],
  weightNorm: true,
  activation: 'relu',
  activationScale: 1,
  innerTanh: false,
  outputTanh: false,
};

/** The defaults for a decoder: latent codes start within the unit ball whatever their length. */
export function defaultTrainingSettings(spec: DecoderSpec): TrainingSettings {
  return { ...DEFAULT_TRAINING_SETTINGS, codeStdDev: 1 / Math.sqrt(spec.codeLength) };
}

/** What an engine is created with. */
export function engineSettings(spec: DecoderSpec, settings: TrainingSettings, shapeCount: number): EngineSettings {
  const { loss, delta, codeBound, dropout, gradientClip, eikonal } = settings;
  return {
    spec,
    shapeCount,
    loss,
    delta,
    codeBound,
    ...(dropout && { dropout }),
    ...(gradientClip !== undefined && { gradientClip }),
    ...(eikonal && { eikonal: { weight: eikonal.weight, step: eikonal.step } }),
  };
}

/** @throws NeuralSdfError INVALID_SPEC naming the first field that is out of range */
export function validateTrainingSettings(settings: TrainingSettings): void {
  const require = (field: keyof TrainingSettings, holds: boolean, what: string) => {
    if (holds) return;
    const value = typeof settings[field] === 'object' ? JSON.stringify(settings[field]) : settings[field];
    throw new NeuralSdfError('INVALID_SPEC', `training settings: ${field} is ${value}, it must be ${what}`, { field });
  };
  const count = (value: number, highest: number) => Number.isInteger(value) && value >= 1 && value <= highest;
  require('loss', settings.loss === 'clamped-l1' || settings.loss === 'saturated-l1', "'clamped-l1' or 'saturated-l1'");
  require('delta', Number.isFinite(settings.delta) && settings.delta > 0, 'a positive number');
  require('codeBound', settings.codeBound > 0, 'positive, or Infinity for none');
  require('codeStdDev', Number.isFinite(settings.codeStdDev) && settings.codeStdDev >= 0, 'a number >= 0');
  require('regularization', Number.isFinite(settings.regularization) && settings.regularization >= 0, 'a number >= 0');
  require('regularizationWarmup', Number.isFinite(settings.regularizationWarmup) && settings.regularizationWarmup >= 0, 'a number >= 0');
  require('shapesPerStep', count(settings.shapesPerStep, 65536), 'a whole number from 1 to 65536');
  require('samplesPerShape', count(settings.samplesPerShape, 1 << 20) &&
    settings.samplesPerShape % 2 === 0, 'an even number from 2 to 2^20');
  require('epochs', settings.epochs === undefined || count(settings.epochs, 1e9), 'a whole number >= 1');
  require('gradientClip', settings.gradientClip === undefined || settings.gradientClip > 0, 'a positive number');
  const { dropout, eikonal } = settings;
  if (dropout) {
    const isShare = (value: number) => value >= 0 && value < 1;
    const layers = dropout.layers.every((layer) => Number.isInteger(layer) && layer >= 0);
    require('dropout', isShare(dropout.probability) &&
      isShare(dropout.latentProbability) &&
      layers, 'hidden layers and probabilities from 0 to below 1');
  }
  if (eikonal) {
    const { weight, step, stencilsPerShape } = eikonal;
    require('eikonal', weight >= 0 && step > 0 && count(stencilsPerShape, 1 << 16), 'a weight >= 0, a step > 0 and a number of stencils');
    // Engines take samples four at a time, and a stencil as one such four.
    require('samplesPerShape', settings.samplesPerShape % 4 === 0, 'a multiple of 4 where there is an eikonal term');
  }
  validateSchedule(settings.decoderRate, 'decoderRate');
  validateSchedule(settings.latentRate, 'latentRate');
}
