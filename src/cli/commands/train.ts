import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import type { NeuralShapes } from '../../asset/index.js';
import { writeShapes } from '../../asset/index.js';
import {
  type Instance,
  listInstances,
  loadNormalization,
  loadSamples,
  loadSurfaceSamples,
  type ShapeSamples,
} from '../../dataset/index.js';
import type { DecoderSpec } from '../../decoder/spec.js';
import { NeuralSdfError } from '../../errors.js';
import { type AssembledAsset, assembleAsset } from '../../evaluation/assemble-asset.js';
import { mean, median } from '../../evaluation/known-shapes.js';
import { loadCheckpoint, saveCheckpoint } from '../../training/checkpoint-node.js';
import {
  createTrainingEngine,
  DEFAULT_TRAIN_SPEC,
  defaultTrainingSettings,
  engineSettings,
  parseSpecsJson,
  TRAINING_BACKENDS,
  type TrainingBackend,
  type TrainingProgress,
  type TrainingResult,
  type TrainingSettings,
  trainAutoDecoder,
  trainedShapes,
} from '../../training/index.js';
import { nodeTfjsPlatform } from '../../training/tfjs/tfjs-platform-node.js';
import { writeFileAtomic } from '../../write-file-node.js';
import { readInput } from '../files.js';
import { type CommonOptions, choiceOption, durationOption, integerOption, withCommonOptions } from '../options.js';
import { spread } from '../spread.js';
import { createTerminal, type Terminal } from '../terminal.js';

interface TrainOptions extends CommonOptions {
  readonly output: string;
  readonly spec?: string;
  readonly split?: string;
  readonly backend: TrainingBackend;
  readonly threads: number;
  readonly timeBudget?: number;
  readonly steps?: number;
  readonly resume?: boolean;
  readonly checkpointEvery: number;
  readonly width: number;
  readonly layers: number;
  readonly codeLength: number;
  readonly octaves: number;
  readonly baked: number;
}

/** How long a run takes when nobody says. */
const DEFAULT_TIME_BUDGET = 600;

/** `train`: samples to an asset, by the auto-decoder. */
export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a decoder and a latent code for each prepared shape, and write them as one .glb')
    .argument('<folder>', 'a folder that `prepare` made, or one in DeepSDF’s layout')
    .requiredOption('-o, --output <file>', 'where the .glb goes; its checkpoint stands beside it')
    .option('--spec <file>', 'a DeepSDF specs.json; decides the decoder and the settings')
    .option('--split <file>', 'train only on the shapes of this split JSON')
    .option('--backend <name>', TRAINING_BACKENDS.join(', '), choiceOption(...TRAINING_BACKENDS), 'auto')
    .option('--threads <n>', 'threads of the wasm backend', integerOption(1, 256), Math.min(8, availableParallelism()))
    .option('--time-budget <time>', 'train for this long (90s, 10m, 2h), 10m when neither this nor --steps is given', durationOption)
    .option(
      '--steps <n>',
      'train for this many steps: reproducible to the bit on the wasm and cpu backends',
      integerOption(1, 1_000_000_000),
    )
    .option('--resume', 'go on from the checkpoint')
    .option('--checkpoint-every <time>', 'time between checkpoints', durationOption, 30)
    .option('--width <n>', 'width of the hidden layers, without --spec', integerOption(4, 1024), DEFAULT_TRAIN_SPEC.dims[0])
    .option('--layers <n>', 'hidden layers, without --spec', integerOption(1, 16), DEFAULT_TRAIN_SPEC.dims.length)
    .option('--code-length <n>', 'length of the latent code, without --spec', integerOption(1, 1024), DEFAULT_TRAIN_SPEC.codeLength)
    .option('--octaves <n>', 'Fourier octaves of the point, without --spec', integerOption(0, 8), DEFAULT_TRAIN_SPEC.fourierOctaves)
    .option('--baked <n>', 'shapes that get a baked mesh in the file, spread over the list', integerOption(1, 10_000), 12);
  return withCommonOptions(command, 'neural-sdf train data/cups -o cups.glb --time-budget 10m').action(train);
}

async function train(folder: string, options: TrainOptions): Promise<void> {
  const terminal = createTerminal(options);
  const { spec, settings } = await experimentOf(options);
  const instances = await listInstances(folder, options.split);
  const samples = await loadAllSamples(folder, instances, terminal);
  const engine = engineSettings(spec, settings, samples.length);
  const { result, description } = await runTraining(samples, spec, settings, options, terminal);
  if (!result.finished) {
    terminal.say(`stopped at step ${result.progress.step}; go on with the same command and --resume`);
    process.exitCode = 130;
    return;
  }
  const normalizations = await Promise.all(instances.map((instance) => loadNormalization(folder, instance)));
  const trained = trainedShapes(
    engine,
    result.state,
    instances.map(({ name }, i) => ({ name, normalization: normalizations[i] })),
  );
  const surfaces = await Promise.all(instances.map(async (instance) => (await loadSurfaceSamples(folder, instance))?.points));
  const scoring = terminal.progress('scoring and baking');
  const assembled = await assembleAsset(trained, surfaces, {
    evaluationResolution: 128,
    bakeResolution: 64,
    baked: spread(instances.length, options.baked),
    seed: options.seed,
    onProgress: (share, note) => scoring.update(share, note),
  });
  scoring.stop();
  const provenance = provenanceOf(assembled, result.progress, settings, options, description);
  await writeFileAtomic(options.output, await writeShapes({ ...assembled.asset, provenance }));
  terminal.result({ output: options.output, ...provenance }, summaryOf(options.output, assembled, result.progress));
}

async function experimentOf(options: TrainOptions): Promise<{ spec: DecoderSpec; settings: TrainingSettings }> {
  if (options.spec) return parseSpecsJson(new TextDecoder().decode(await readInput(options.spec)));
  const spec: DecoderSpec = {
    ...DEFAULT_TRAIN_SPEC,
    dims: Array<number>(options.layers).fill(options.width),
    codeLength: options.codeLength,
    fourierOctaves: options.octaves,
  };
  return { spec, settings: defaultTrainingSettings(spec) };
}

async function loadAllSamples(folder: string, instances: readonly Instance[], terminal: Terminal): Promise<ShapeSamples[]> {
  if (instances.length === 0) throw new NeuralSdfError('FILE_NOT_FOUND', `${folder}: no samples in it; \`prepare\` makes them`, { folder });
  const samples: ShapeSamples[] = [];
  for (const instance of instances) {
    const { samples: read, droppedRows } = await loadSamples(folder, instance);
    if (droppedRows > 0) terminal.warn(`${instance.name}: ${droppedRows} samples hold NaN and were dropped`);
    samples.push(read);
  }
  return samples;
}

async function runTraining(
  samples: readonly ShapeSamples[],
  spec: DecoderSpec,
  settings: TrainingSettings,
  options: TrainOptions,
  terminal: Terminal,
): Promise<{ result: TrainingResult; description: string }> {
  const checkpointPath = `${options.output}.checkpoint`;
  const resumed = options.resume ? await loadCheckpoint(checkpointPath) : undefined;
  if (resumed?.fallback) terminal.warn(`${resumed.fallback.message}; going on from the checkpoint before it`);
  const engine = await createTrainingEngine(engineSettings(spec, settings, samples.length), options.backend, {
    threads: options.threads,
    platform: await nodeTfjsPlatform(),
    onSkip: (backend, reason) => terminal.say(`not on ${backend}: ${reason.message}`),
  });
  const stop = new AbortController();
  // The first Ctrl-C finishes the step and saves; a second one ends the process as ever.
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  terminal.say(`training ${samples.length} shapes on ${engine.description}`);
  const bar = terminal.progress('training');
  try {
    const result = await trainAutoDecoder({
      spec,
      samples,
      settings,
      engine,
      seed: options.seed,
      steps: options.steps,
      timeBudgetSeconds: options.timeBudget ?? (options.steps || settings.epochs ? undefined : DEFAULT_TIME_BUDGET),
      checkpoint: {
        save: (checkpoint) => saveCheckpoint(checkpointPath, checkpoint),
        everySeconds: options.checkpointEvery,
        resume: resumed?.checkpoint,
      },
      onProgress: (progress) => bar.update(progress.share, noteOf(progress)),
      signal: stop.signal,
    });
    return { result, description: engine.description };
  } finally {
    bar.stop();
    process.off('SIGINT', interrupt);
    engine.dispose();
  }
}

function noteOf({ step, loss, samplesPerSecond, secondsLeft }: TrainingProgress): string {
  return `step ${step}, loss ${loss.toFixed(5)}, ${Math.round(samplesPerSecond / 1000)} k samples/s, ${Math.ceil(secondsLeft)} s left`;
}

function provenanceOf(
  { figures }: AssembledAsset,
  progress: TrainingProgress,
  settings: TrainingSettings,
  options: TrainOptions,
  description: string,
): NonNullable<NeuralShapes['provenance']> {
  const chamfers = figures.map((figure) => figure.chamferX1000);
  return {
    training: {
      backend: description,
      seed: options.seed,
      steps: progress.step,
      seconds: Math.round(progress.elapsedSeconds),
      finalLoss: progress.loss,
      settings,
    },
    ...(chamfers.length > 0
      ? { chamferX1000: { mean: mean(chamfers), median: median(chamfers), worst: Math.max(...chamfers), shapes: chamfers.length } }
      : {}),
    perShape: figures,
  };
}

function summaryOf(output: string, { asset, figures }: AssembledAsset, progress: TrainingProgress): string {
  const lines = figures.map(
    ({ name, chamferX1000, components }) => `  ${name.padEnd(24)} ${chamferX1000.toFixed(3).padStart(9)}  ${components}`,
  );
  const chamfers = figures.map((figure) => figure.chamferX1000);
  const table =
    figures.length > 0
      ? [`  ${'shape'.padEnd(24)} CD x 1000  parts`, ...lines, `  mean ${mean(chamfers).toFixed(3)}, median ${median(chamfers).toFixed(3)}`]
      : [];
  return [
    ...table,
    `${output}: ${asset.shapes.length} shapes, ${progress.step} steps in ${Math.round(progress.elapsedSeconds)} s, step scale ${asset.stepScale.toFixed(3)}`,
  ].join('\n');
}
