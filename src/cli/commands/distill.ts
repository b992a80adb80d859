import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { type NeuralShapes, writeShapes } from '../../asset/index.js';
import { listInstances } from '../../dataset/index.js';
import { blendLatents } from '../../distillation/blend-latents.js';
import { studentSettings, studentShapes, studentSpec } from '../../distillation/student.js';
import { TargetThreads } from '../../distillation/target-threads-node.js';
import { collectTargets, type Target } from '../../distillation/targets.js';
import { DEFAULT_TEACHER_SAMPLES } from '../../distillation/teacher-samples.js';
import { NeuralSdfError } from '../../errors.js';
import { assembleAsset } from '../../evaluation/assemble-asset.js';
import { type ComparisonCase, compareDecoders } from '../../evaluation/compare-decoders.js';
import { measureCost } from '../../evaluation/decoder-cost.js';
import { distillationFigures, distillationTable } from '../../evaluation/distillation-report.js';
import { findMeshes, loadTrueSurface } from '../../evaluation/true-surfaces-node.js';
import { MAX_RESOLUTION } from '../../meshing/index.js';
import { Random } from '../../random.js';
import { loadCheckpoint, saveCheckpoint } from '../../training/checkpoint-node.js';
import {
  createTrainingEngine,
  engineSettings,
  TRAINING_BACKENDS,
  type TrainingBackend,
  type TrainingResult,
  type TrainingSettings,
  trainAutoDecoder,
} from '../../training/index.js';
import { nodeTfjsPlatform } from '../../training/tfjs/tfjs-platform-node.js';
import { writeFileAtomic } from '../../write-file-node.js';
import { readAsset } from '../files.js';
import { type CommonOptions, choiceOption, durationOption, integerOption, withCommonOptions } from '../options.js';
import { spread } from '../spread.js';
import { createTerminal, type Terminal } from '../terminal.js';

interface DistillOptions extends CommonOptions {
  readonly output: string;
  readonly width: number;
  readonly layers: number;
  readonly octaves: number;
  readonly samples: number;
  readonly blends?: number;
  readonly backend: TrainingBackend;
  readonly threads: number;
  readonly timeBudget?: number;
  readonly steps?: number;
  readonly resume?: boolean;
  readonly checkpointEvery: number;
  readonly baked: number;
  readonly compare: number;
  readonly resolution: number;
  readonly data?: string;
  readonly meshes?: string;
}

/** How long the student trains when nobody says. */
const DEFAULT_TIME_BUDGET = 600;
/** Blends compared that the student was not trained at, for each shape compared. */
const UNSEEN_SHARE = 0.5;

/** `distill`: a decoder too wide to render, with all its latent codes, into one that renders in real time. */
export function distillCommand(): Command {
  const command = new Command('distill')
    .description(
      'teach a small decoder what a wide one knows: the same latent codes, a fraction of the cost a pixel; says what it lost and won',
    )
    .argument('<teacher>', 'a .glb with neural shapes')
    .requiredOption('-o, --output <file>', 'where the student’s .glb goes; its checkpoint stands beside it')
    .option('--width <n>', 'width of the student’s hidden layers', integerOption(4, 1024), 64)
    .option('--layers <n>', 'hidden layers of the student', integerOption(1, 16), 4)
    .option('--octaves <n>', 'Fourier octaves of the point', integerOption(0, 8), 2)
    .option('--samples <n>', 'teacher’s distances a shape', integerOption(100, 10_000_000), DEFAULT_TEACHER_SAMPLES.count)
    .option(
      '--blends <n>',
      'blends of the teacher’s codes to learn besides (default: as many as shapes, 8 to 64)',
      integerOption(0, 10_000),
    )
    .option('--backend <name>', TRAINING_BACKENDS.join(', '), choiceOption(...TRAINING_BACKENDS), 'auto')
    .option('--threads <n>', 'threads of the teacher and of the wasm backend', integerOption(1, 256), Math.min(8, availableParallelism()))
    .option('--time-budget <time>', 'train for this long (90s, 10m, 2h), 10m when neither this nor --steps is given', durationOption)
    .option('--steps <n>', 'train for this many steps', integerOption(1, 1_000_000_000))
    .option('--resume', 'go on from the checkpoint')
    .option('--checkpoint-every <time>', 'time between checkpoints', durationOption, 30)
    .option('--baked <n>', 'shapes that get a baked mesh in the file, spread over the list', integerOption(1, 10_000), 12)
    .option(
      '--compare <n>',
      'shapes compared with the teacher, spread over the list; half as many unseen blends',
      integerOption(1, 10_000),
      8,
    )
    .option('--resolution <n>', `grid cells along a side for the comparison, to ${MAX_RESOLUTION}`, integerOption(2, 1_000_000), 128)
    .option('--data <folder>', 'the prepared folder that the teacher was trained on: both are then held against the truth')
    .option('--meshes <folder>', 'the true meshes, named as the shapes, in place of the folder’s surface samples');
  return withCommonOptions(command, 'neural-sdf distill wide.glb -o small.glb --width 64 --time-budget 10m').action(distill);
}

async function distill(path: string, options: DistillOptions): Promise<void> {
  const terminal = createTerminal(options);
  const teacher = await readAsset(path);
  const cases = await comparisonCases(teacher, options);
  const spec = studentSpec(teacher.decoder.spec, options);
  const targets = await askTeacher(teacher, options, terminal);
  const settings = studentSettings(spec, teacher, targets.length);
  const engine = engineSettings(spec, settings, targets.length);
  const { result, description } = await trainStudent(targets, spec, settings, options, terminal);
  if (!result.finished) {
    terminal.say(`stopped at step ${result.progress.step}; go on with the same command and --resume`);
    process.exitCode = 130;
    return;
  }
  const baking = terminal.progress('baking');
  const { asset } = await assembleAsset(
    studentShapes(teacher, engine, result.state),
    teacher.shapes.map(() => undefined),
    {
      evaluationResolution: options.resolution,
      bakeResolution: 64,
      baked: spread(teacher.shapes.length, options.baked),
      seed: options.seed,
      onProgress: (share, note) => baking.update(share, note),
    },
  );
  baking.stop();
  const comparing = terminal.progress('comparing');
  const compared = await compareDecoders(teacher, asset, cases, {
    resolution: options.resolution,
    seed: options.seed,
    onProgress: (share, note) => comparing.update(share, note),
  });
  comparing.stop();
  const { latent } = teacher.shapes[0];
  const figures = distillationFigures(compared, await measureCost(teacher.decoder, latent), await measureCost(asset.decoder, latent));
  const provenance: NonNullable<NeuralShapes['provenance']> = {
    distillation: {
      teacher: teacher.decoder.spec,
      targets: { shapes: teacher.shapes.length, blends: targets.length - teacher.shapes.length, samplesPerShape: options.samples },
      ...figures,
    },
    training: {
      backend: description,
      seed: options.seed,
      steps: result.progress.step,
      seconds: Math.round(result.progress.elapsedSeconds),
      finalLoss: result.progress.loss,
      settings,
    },
    ...(teacher.provenance?.training ? { teacherTraining: teacher.provenance.training } : {}),
  };
  await writeFileAtomic(options.output, await writeShapes({ ...asset, provenance }));
  terminal.result(
    { output: options.output, ...provenance },
    `${distillationTable(figures)}\n\n${options.output}: ${asset.shapes.length} shapes, ${result.progress.step} steps in ${Math.round(result.progress.elapsedSeconds)} s, step scale ${asset.stepScale.toFixed(3)}`,
  );
}

/** Shapes spread over the list, and blends of codes that are not among those learnt: another seed. */
async function comparisonCases(teacher: NeuralShapes, options: DistillOptions): Promise<ComparisonCase[]> {
  const { shapes } = teacher;
  const chosen = spread(shapes.length, options.compare);
  const instances = options.data === undefined ? [] : await listInstances(options.data);
  const meshes = options.meshes === undefined ? undefined : await findMeshes(options.meshes);
  const known = chosen.map((index): ComparisonCase => {
    const { name, latent } = shapes[index];
    const instance = instances.find((candidate) => candidate.name === name);
    const random = new Random((options.seed ^ 0x5bd1e995) + index);
    return {
      name,
      latent,
      unseen: false,
      ...(instance && { loadTruth: () => loadTrueSurface(options.data!, instance, meshes?.find(instance), random) }),
    };
  });
  if (options.data !== undefined && !known.some(({ loadTruth }) => loadTruth)) {
    throw new NeuralSdfError('SHAPE_NOT_FOUND', `none of the teacher's shapes is in ${options.data}, by name`, { folder: options.data });
  }
  const codes = shapes.map(({ latent }) => latent);
  const unseen = blendLatents(codes, Math.ceil(UNSEEN_SHARE * chosen.length), new Random(options.seed ^ 0x2545f491));
  return [...known, ...unseen.map((latent, i) => ({ name: `unseen blend ${i + 1}`, latent, unseen: true }))];
}

async function askTeacher(teacher: NeuralShapes, options: DistillOptions, terminal: Terminal): Promise<Target[]> {
  const blends = options.blends ?? Math.min(64, Math.max(8, teacher.shapes.length));
  const bar = terminal.progress('asking the teacher');
  const threads = await TargetThreads.start(teacher, { ...DEFAULT_TEACHER_SAMPLES, count: options.samples }, options.threads);
  try {
    return await collectTargets(teacher, threads.sample, {
      blends,
      seed: options.seed,
      atOnce: options.threads,
      onProgress: (share, note) => bar.update(share, note),
    });
  } finally {
    bar.stop();
    await threads.stop();
  }
}

async function trainStudent(
  targets: readonly Target[],
  spec: ReturnType<typeof studentSpec>,
  settings: TrainingSettings,
  options: DistillOptions,
  terminal: Terminal,
): Promise<{ result: TrainingResult; description: string }> {
  const checkpointPath = `${options.output}.checkpoint`;
  const resumed = options.resume ? await loadCheckpoint(checkpointPath) : undefined;
  if (resumed?.fallback) terminal.warn(`${resumed.fallback.message}; going on from the checkpoint before it`);
  const engine = await createTrainingEngine(engineSettings(spec, settings, targets.length), options.backend, {
    threads: options.threads,
    platform: await nodeTfjsPlatform(),
    onSkip: (backend, reason) => terminal.say(`not on ${backend}: ${reason.message}`),
  });
  const stop = new AbortController();
  // The first Ctrl-C finishes the step and saves; a second one ends the process as ever.
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  const bar = terminal.progress('training');
  try {
    terminal.say(`training a student at ${targets.length} latent codes on ${engine.description}`);
    const result = await trainAutoDecoder({
      spec,
      samples: targets.map(({ samples }) => samples),
      initialLatents: targets.map(({ latent }) => latent),
      settings,
      engine,
      seed: options.seed,
      steps: options.steps,
      timeBudgetSeconds: options.timeBudget ?? (options.steps ? undefined : DEFAULT_TIME_BUDGET),
      checkpoint: {
        save: (checkpoint) => saveCheckpoint(checkpointPath, checkpoint),
        everySeconds: options.checkpointEvery,
        resume: resumed?.checkpoint,
      },
      onProgress: ({ share, step, loss, secondsLeft }) =>
        bar.update(share, `step ${step}, loss ${loss.toFixed(5)}, ${Math.ceil(secondsLeft)} s left`),
      signal: stop.signal,
    });
    return { result, description: engine.description };
  } finally {
    bar.stop();
    process.off('SIGINT', interrupt);
    engine.dispose();
  }
}
