import { basename } from 'node:path';
import { loadCheckpoint, saveCheckpoint } from '../../training/checkpoint-node.js';
import type { FileSamples } from '../../training/file-samples-node.js';
import { type HeldOutFit, HeldOutLoss, heldOutEngineSettings } from '../../training/held-out-loss.js';
import {
  type CheckpointOptions,
  createTrainingEngine,
  type EngineSettings,
  type Experiment,
  engineSettings,
  type TrainingCheckpoint,
  type TrainingEngine,
  type TrainingOptions,
  type TrainingProgress,
  type TrainingResult,
  type TrainingState,
  trainAutoDecoder,
} from '../../training/index.js';
import { nodeTfjsPlatform } from '../../training/tfjs/tfjs-platform-node.js';
import type { Terminal } from '../terminal.js';
import { createChamferProbe } from './chamfer-probe.js';
import { type TrainingFiles, trainingFiles } from './files.js';
import type { ShapeSet } from './inputs.js';
import type { TrainOptions } from './options.js';
import { TrainingRecord } from './record.js';

/** What a run trains and validates on, samples opened. */
export interface TrainingData {
  readonly training: ShapeSet;
  readonly samples: FileSamples;
  readonly heldOut?: { readonly shapes: ShapeSet; readonly samples: FileSamples };
}

export interface RunOutcome {
  /** False where Ctrl-C ended it early. */
  readonly finished: boolean;
  readonly progress: TrainingProgress;
  /** That the asset is made of. */
  readonly state: TrainingState;
  /** Step of that state, where `--use best` chose one. */
  readonly bestStep?: number;
  /** Of the engine. */
  readonly description: string;
  /** The held-out shapes, fitted to that state. */
  readonly heldOut?: HeldOutFit;
}

/** How long a run takes when nobody says, s. */
const DEFAULT_TIME_BUDGET = 600;

/** Trains with everything around it: checkpoints, resume, Ctrl-C, log, plot, progress, validation. */
export async function runTraining(
  data: TrainingData,
  experiment: Experiment,
  options: TrainOptions,
  terminal: Terminal,
): Promise<RunOutcome> {
  const { spec, settings } = experiment;
  const files = trainingFiles(options.output);
  const resume = options.resume ? await checkpointToResume(files, terminal) : undefined;
  const forEngine = engineSettings(spec, settings, data.samples.shapeCount);
  const engine = await createEngine(forEngine, options, terminal.say);
  let heldOut: { probe: HeldOutLoss; engine: TrainingEngine } | undefined;
  try {
    heldOut = data.heldOut && (await createHeldOut(data.heldOut.samples, experiment, forEngine, options));
    const chamfer = await createChamferProbe(data.training, forEngine, options.seed);
    const record = new TrainingRecord(basename(options.output), files, resume);
    terminal.say(
      `training ${data.samples.shapeCount} shapes on ${engine.description}${data.samples.isStreamed ? ', samples streamed from disk' : ''}`,
    );
    const { finished, progress, state } = await trainInterruptibly(
      {
        spec,
        samples: data.samples,
        settings,
        engine,
        seed: options.seed,
        steps: options.steps,
        timeBudgetSeconds: options.timeBudget ?? (options.steps || settings.epochs ? undefined : DEFAULT_TIME_BUDGET),
        checkpoint: { ...checkpointOptions(files, experiment, options), bestBy: heldOut ? 'validationLoss' : 'loss', resume },
        probes: [...(chamfer ? [chamfer] : []), ...(heldOut ? [heldOut.probe] : [])],
        onProgress: (progress) => record.progress(progress),
        onReadings: (readings, progress) => record.readings(readings, progress),
      },
      terminal,
    );
    await record.finish();
    const best = finished && options.use === 'best' ? (await loadCheckpoint(files.best)).checkpoint.state : undefined;
    if (best) await heldOut?.probe.measure(best);
    return {
      finished,
      progress,
      state: best ?? state,
      bestStep: best?.step,
      description: engine.description,
      heldOut: heldOut?.probe.fit,
    };
  } finally {
    engine.dispose();
    heldOut?.engine.dispose();
  }
}

async function checkpointToResume(files: TrainingFiles, terminal: Terminal): Promise<TrainingCheckpoint> {
  const { checkpoint, fallback } = await loadCheckpoint(files.checkpoint);
  if (fallback) terminal.warn(`${fallback.message}; going on from the checkpoint before it`);
  return checkpoint;
}

async function createEngine(settings: EngineSettings, options: TrainOptions, say: (line: string) => void): Promise<TrainingEngine> {
  return createTrainingEngine(settings, options.backend, {
    threads: options.threads,
    platform: await nodeTfjsPlatform(),
    onSkip: (backend, reason) => say(`not on ${backend}: ${reason.message}`),
  });
}

async function createHeldOut(
  samples: FileSamples,
  { settings }: Experiment,
  run: EngineSettings,
  options: TrainOptions,
): Promise<{ probe: HeldOutLoss; engine: TrainingEngine }> {
  const forEngine = heldOutEngineSettings(run, samples.shapeCount);
  // What 'auto' passed over has been said already.
  const engine = await createEngine(forEngine, options, () => undefined);
  return { probe: new HeldOutLoss({ samples, settings, engine, engineSettings: forEngine }), engine };
}

function checkpointOptions(files: TrainingFiles, experiment: Experiment, options: TrainOptions): CheckpointOptions {
  return {
    save: (checkpoint, { best, epochs }) =>
      saveCheckpoint(files.checkpoint, checkpoint, [...(best ? [files.best] : []), ...epochs.map(files.snapshot)]),
    everySeconds: options.checkpointEvery,
    everyEpochs: experiment.logEpochs,
    keepEvery: experiment.snapshotEpochs,
    keepEpochs: experiment.additionalEpochs,
  };
}

/** With a bar; the first Ctrl-C finishes the step and saves, a second one ends the process as ever. */
async function trainInterruptibly(options: TrainingOptions, terminal: Terminal): Promise<TrainingResult> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  const bar = terminal.progress('training');
  const onProgress = (progress: TrainingProgress) => {
    bar.update(progress.share, noteOf(progress));
    options.onProgress?.(progress);
  };
  try {
    return await trainAutoDecoder({ ...options, onProgress, signal: stop.signal });
  } finally {
    bar.stop();
    process.off('SIGINT', interrupt);
  }
}

function noteOf({ step, loss, samplesPerSecond, secondsLeft }: TrainingProgress): string {
  return `step ${step}, loss ${loss.toFixed(5)}, ${Math.round(samplesPerSecond / 1000)} k samples/s, ${Math.ceil(secondsLeft)} s left`;
}
