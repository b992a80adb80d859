import type { DecoderSpec } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';
import type { TrainingCheckpoint } from './checkpoint.js';
import type { CheckpointPlan, CheckpointTags } from './checkpoint-plan.js';
import type { TrainingEngine, TrainingState } from './engine.js';
import { MemorySamples } from './memory-samples.js';
import type { TrainingProbe, TrainingReadings } from './probe.js';
import type { TrainingProgress } from './run-clock.js';
import { isSampleSource, type Samples } from './sample-source.js';
import { type TrainingSettings, validateTrainingSettings } from './settings.js';
import { TrainingRun } from './training-run.js';

export interface TrainingOptions {
  readonly spec: DecoderSpec;
  /** In memory, or wherever a source has them; the caller closes a source. */
  readonly samples: Samples;
  readonly settings: TrainingSettings;
  /** Made with `engineSettings(spec, settings, shapes)`; the caller disposes of it. */
  readonly engine: TrainingEngine;
  readonly seed: number;
  /** [shapes, codeLength] latent codes that the run starts from, in place of random ones; with a latent rate of 0 they stay. */
  readonly initialLatents?: readonly Float32Array[];
  /** Steps of the whole run, those before a resume included. */
  readonly steps?: number;
  /** Seconds of the whole run, those before a resume included. */
  readonly timeBudgetSeconds?: number;
  readonly checkpoint?: CheckpointOptions;
  /** What is measured now and then, and at the end of a run that came to it. */
  readonly probes?: readonly TrainingProbe[];
  /** Called about four times a second, and at the end. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Called after each measurement. */
  readonly onReadings?: (readings: TrainingReadings, progress: TrainingProgress) => void;
  /** Aborting finishes the step, saves a checkpoint and returns with `finished` false. */
  readonly signal?: AbortSignal;
}

/** A checkpoint is saved when an interval has passed, at the epochs to be kept, when it is the best so far, and at the end. */
export interface CheckpointOptions extends CheckpointPlan {
  readonly save: (checkpoint: TrainingCheckpoint, tags: CheckpointTags) => Promise<void>;
  /** Goes on from here. */
  readonly resume?: TrainingCheckpoint;
}

export interface TrainingResult {
  readonly state: TrainingState;
  /** As the last progress. */
  readonly progress: TrainingProgress;
  /** False where `signal` ended it early. */
  readonly finished: boolean;
}

/**
 * Trains a decoder and the latent codes of its shapes together (auto-decoder, Park 2019 section 4.1, eq. 9).
 *
 * An epoch is one pass over the shapes: step * shapesPerStep / shapes, rounded down. Runs ended by `steps` (or by
 * `settings.epochs`) are reproducible, and a resumed one takes the very steps of one left alone, bit for bit on engines that
 * compute on the CPU, whatever is measured on the way and wherever the samples lie. Under a time budget the cosine follows the
 * clock, so that it is not; a resumed one spends what is left. A run may be resumed with more steps or seconds than it had.
 * @throws NeuralSdfError INVALID_SPEC, SAMPLES_INVALID; INVALID_ARGUMENT where nothing ends the run; CHECKPOINT_INVALID where
 *   `resume` belongs to another run; TRAINING_COLLAPSED where the decoder became a constant or the loss is not finite; what
 *   reading samples, saving and probes throw
 */
export async function trainAutoDecoder(options: TrainingOptions): Promise<TrainingResult> {
  validateTrainingSettings(options.settings);
  const source = isSampleSource(options.samples) ? options.samples : new MemorySamples(options.samples);
  const run = new TrainingRun(options, source, {
    steps: stepsOf(options, source.shapeCount),
    seconds: options.timeBudgetSeconds ?? Number.POSITIVE_INFINITY,
  });
  try {
    await run.start();
    return await run.finish(await run.steps());
  } finally {
    await run.settle();
  }
}

function stepsOf({ steps, timeBudgetSeconds, settings }: TrainingOptions, shapeCount: number): number {
  const isPositive = (value: number | undefined) => value === undefined || (value > 0 && !Number.isNaN(value));
  if (!isPositive(steps) || !isPositive(timeBudgetSeconds)) {
    throw new NeuralSdfError('INVALID_ARGUMENT', `steps (${steps}) and time budget (${timeBudgetSeconds} s) must be positive`);
  }
  if (steps !== undefined) return Math.ceil(steps);
  if (timeBudgetSeconds !== undefined) return Number.POSITIVE_INFINITY;
  if (settings.epochs !== undefined) return Math.ceil((settings.epochs * shapeCount) / settings.shapesPerStep);
  throw new NeuralSdfError('INVALID_ARGUMENT', 'nothing ends the run: give steps, a time budget, or epochs in the settings');
}
