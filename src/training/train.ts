import type { ShapeSamples } from '../dataset/samples.js';
import { firstNotFinite } from '../decoder/decoder.js';
import type { DecoderSpec } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';
import { Random } from '../random.js';
import { BatchSource } from './batches.js';
import { checkIdentity, digestSamples, type RunIdentity, type TrainingCheckpoint } from './checkpoint.js';
import { boundLatents } from './code-bound.js';
import { checkCollapse, constantPredictionLoss } from './collapse.js';
import type { StepSettings, TrainingEngine, TrainingState } from './engine.js';
import { learningRate } from './schedule.js';
import { engineSettings, type TrainingSettings, validateTrainingSettings } from './settings.js';
import { initializeState } from './state.js';

export interface TrainingOptions {
  readonly spec: DecoderSpec;
  readonly samples: readonly ShapeSamples[];
  readonly settings: TrainingSettings;
  /** Made with `engineSettings(spec, settings, samples.length)`; the caller disposes of it. */
  readonly engine: TrainingEngine;
  readonly seed: number;
  /** Steps of the whole run, those before a resume included. */
  readonly steps?: number;
  /** Seconds of the whole run, those before a resume included. */
  readonly timeBudgetSeconds?: number;
  readonly checkpoint?: CheckpointOptions;
  /** Called about four times a second, and at the end. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Aborting finishes the step, saves a checkpoint and returns with `finished` false. */
  readonly signal?: AbortSignal;
}

export interface CheckpointOptions {
  readonly save: (checkpoint: TrainingCheckpoint) => Promise<void>;
  /** Default 30; a checkpoint is saved when either interval has passed, and at the end. */
  readonly everySeconds?: number;
  readonly everySteps?: number;
  /** Goes on from here. */
  readonly resume?: TrainingCheckpoint;
}

export interface TrainingProgress {
  /** Steps taken. */
  readonly step: number;
  /** Passes over the shapes completed. */
  readonly epoch: number;
  /** Share of the run done, 0 to 1. */
  readonly share: number;
  /** Moving mean over about 100 steps, model units. */
  readonly loss: number;
  /** Of this process, not counting what came before a resume. */
  readonly samplesPerSecond: number;
  readonly elapsedSeconds: number;
  readonly secondsLeft: number;
}

export interface TrainingResult {
  readonly state: TrainingState;
  /** As the last progress. */
  readonly progress: TrainingProgress;
  /** False where `signal` ended it early. */
  readonly finished: boolean;
}

const PROGRESS_INTERVAL = 0.25;
const YIELD_INTERVAL = 0.05;
const CHECKPOINT_INTERVAL = 30;

/**
 * Trains a decoder and the latent codes of its shapes together (auto-decoder, Park 2019 section 4.1, eq. 9).
 *
 * An epoch is one pass over the shapes: step * shapesPerStep / shapes, rounded down. Runs ended by `steps` (or by
 * `settings.epochs`) are reproducible, and a resumed one takes the very steps of one left alone, bit for bit on engines that
 * compute on the CPU. Under a time budget the cosine follows the clock, so that it is not; a resumed one spends what is left.
 * A run may be resumed with more steps or seconds than it had.
 * @throws NeuralSdfError INVALID_SPEC, SAMPLES_INVALID; INVALID_ARGUMENT where nothing ends the run; CHECKPOINT_INVALID where
 *   `resume` belongs to another run; TRAINING_COLLAPSED where the decoder became a constant or the loss is not finite
 */
export async function trainAutoDecoder(options: TrainingOptions): Promise<TrainingResult> {
  validateTrainingSettings(options.settings);
  const run = new TrainingRun(options, stepsOf(options));
  await run.start();
  return run.finish(await run.steps());
}

function stepsOf({ steps, timeBudgetSeconds, settings, samples }: TrainingOptions): number {
  const isPositive = (value: number | undefined) => value === undefined || (value > 0 && !Number.isNaN(value));
  if (!isPositive(steps) || !isPositive(timeBudgetSeconds)) {
    throw new NeuralSdfError('INVALID_ARGUMENT', `steps (${steps}) and time budget (${timeBudgetSeconds} s) must be positive`);
  }
  if (steps !== undefined) return Math.ceil(steps);
  if (timeBudgetSeconds !== undefined) return Number.POSITIVE_INFINITY;
  if (settings.epochs !== undefined) return Math.ceil((settings.epochs * samples.length) / settings.shapesPerStep);
  throw new NeuralSdfError('INVALID_ARGUMENT', 'nothing ends the run: give steps, a time budget, or epochs in the settings');
}

class TrainingRun {
  private readonly _options: TrainingOptions;
  private readonly _totalSteps: number;
  private readonly _totalSeconds: number;
  private readonly _identity: RunIdentity;
  private readonly _random: Random;
  private readonly _batches: BatchSource;
  private readonly _baseline: number;
  private _step = 0;
  private _smoothedLoss = 0;
  private _startedAt = 0;
  private _firstStep = 0;
  private _secondsBefore = 0;

  constructor(options: TrainingOptions, totalSteps: number) {
    const { spec, samples, settings, seed } = options;
    this._options = options;
    this._totalSteps = totalSteps;
    this._totalSeconds = options.timeBudgetSeconds ?? Number.POSITIVE_INFINITY;
    this._random = new Random(seed);
    this._batches = new BatchSource(samples, settings.shapesPerStep, settings.samplesPerShape, this._random);
    this._identity = { spec, settings, seed, shapeCount: samples.length, samples: digestSamples(samples) };
    this._baseline = constantPredictionLoss(samples, settings.delta);
  }

  async start(): Promise<void> {
    const { spec, samples, settings, engine, checkpoint } = this._options;
    const resume = checkpoint?.resume;
    if (resume) {
      checkIdentity(resume.identity, this._identity);
      await engine.writeState(resume.state);
      this._batches.restore(resume.batches);
      this._step = resume.state.step;
      this._smoothedLoss = resume.smoothedLoss;
      this._secondsBefore = resume.elapsedSeconds;
    } else {
      const state = initializeState(engineSettings(spec, settings, samples.length), settings.codeStdDev, this._random);
      boundLatents(state.parameters[state.parameters.length - 1], spec.codeLength, settings.codeBound);
      await engine.writeState(state);
    }
    this._firstStep = this._step;
    this._startedAt = performance.now();
  }

  /** @returns whether the run came to its end */
  async steps(): Promise<boolean> {
    const { engine, onProgress, signal } = this._options;
    let reportedAt = 0;
    let yieldedAt = 0;
    let saved = { step: this._step, at: 0 };
    while (this._share() < 1) {
      if (signal?.aborted) return false;
      const { loss } = await engine.step(this._batches.next(), this._stepSettings());
      this._step++;
      this._smoothedLoss += (loss - this._smoothedLoss) * Math.max(0.01, 1 / this._step);
      checkCollapse(this._step, loss, this._smoothedLoss, this._baseline);
      const now = this._sessionSeconds();
      if (now - reportedAt >= PROGRESS_INTERVAL) {
        reportedAt = now;
        onProgress?.(this._progress());
      }
      if (this._isCheckpointDue(saved, now)) {
        await this._save();
        saved = { step: this._step, at: this._sessionSeconds() };
      }
      if (now - yieldedAt >= YIELD_INTERVAL) {
        // A CPU engine never waits for anything: without this neither a signal nor a page would get its turn.
        await new Promise((resolve) => setTimeout(resolve));
        yieldedAt = this._sessionSeconds();
      }
    }
    return true;
  }

  async finish(finished: boolean): Promise<TrainingResult> {
    const state = await this._save();
    const progress = this._progress();
    this._options.onProgress?.(progress);
    return { state, progress, finished };
  }

  private _sessionSeconds(): number {
    return (performance.now() - this._startedAt) / 1000;
  }

  private _elapsedSeconds(): number {
    return this._secondsBefore + this._sessionSeconds();
  }

  private _share(): number {
    return Math.min(1, Math.max(this._step / this._totalSteps, this._elapsedSeconds() / this._totalSeconds));
  }

  private _epoch(): number {
    return Math.floor((this._step * this._options.settings.shapesPerStep) / this._identity.shapeCount);
  }

  private _stepSettings(): StepSettings {
    const { decoderRate, latentRate, regularization, regularizationWarmup } = this._options.settings;
    const position = { epoch: this._epoch(), share: this._share() };
    const warmth = regularizationWarmup === 0 ? 1 : Math.min(1, position.epoch / regularizationWarmup);
    return {
      decoderRate: learningRate(decoderRate, position),
      latentRate: learningRate(latentRate, position),
      regularization: regularization * warmth,
    };
  }

  private _progress(): TrainingProgress {
    const { shapesPerStep, samplesPerShape } = this._options.settings;
    const elapsedSeconds = this._elapsedSeconds();
    const stepsPerSecond = (this._step - this._firstStep) / Math.max(this._sessionSeconds(), 1e-9);
    const share = this._share();
    const secondsLeft = share === 1 ? 0 : Math.min((this._totalSteps - this._step) / stepsPerSecond, this._totalSeconds - elapsedSeconds);
    return {
      step: this._step,
      epoch: this._epoch(),
      share,
      loss: this._smoothedLoss,
      samplesPerSecond: stepsPerSecond * shapesPerStep * samplesPerShape,
      elapsedSeconds,
      secondsLeft: Math.max(0, secondsLeft),
    };
  }

  private _isCheckpointDue(saved: { step: number; at: number }, now: number): boolean {
    const { checkpoint } = this._options;
    if (!checkpoint || this._share() >= 1) return false;
    const { everySteps = Number.POSITIVE_INFINITY, everySeconds = CHECKPOINT_INTERVAL } = checkpoint;
    return this._step - saved.step >= everySteps || now - saved.at >= everySeconds;
  }

  /** A state that is not finite must not replace a good checkpoint: an engine may report its loss late. */
  private async _save(): Promise<TrainingState> {
    const state = await this._options.engine.readState();
    if (state.parameters.some((tensor) => firstNotFinite(tensor) >= 0)) {
      throw new NeuralSdfError('TRAINING_COLLAPSED', `training diverged by step ${this._step}: weights are not finite`, {
        step: this._step,
      });
    }
    const elapsedSeconds = this._elapsedSeconds();
    const batches = this._batches.save();
    await this._options.checkpoint?.save({
      identity: this._identity,
      state,
      batches,
      elapsedSeconds,
      smoothedLoss: this._smoothedLoss,
    });
    return state;
  }
}
