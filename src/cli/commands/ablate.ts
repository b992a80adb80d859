import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { listInstances, loadSamples } from '../../dataset/index.js';
import { NeuralSdfError } from '../../errors.js';
import { findMeshes, loadTrueSurface } from '../../evaluation/true-surfaces-node.js';
import { runStudy, type StudyBudget, type StudyRow, type StudyShape } from '../../experiments/run-study.js';
import { STUDIES, type StudyName, studyOf } from '../../experiments/study.js';
import { studyPlot } from '../../experiments/study-plot.js';
import { parseStudyRows, type StudyHeading, studyData, studyMarkdown, studyTable } from '../../experiments/study-report.js';
import { MAX_RESOLUTION } from '../../meshing/index.js';
import { Random } from '../../random.js';
import {
  createTrainingEngine,
  type EngineSettings,
  TRAINING_BACKENDS,
  type TrainingBackend,
  type TrainingEngine,
} from '../../training/index.js';
import { nodeTfjsPlatform } from '../../training/tfjs/tfjs-platform-node.js';
import { whyUnreadable } from '../../why-unreadable.js';
import { writeFileAtomic } from '../../write-file-node.js';
import { type CommonOptions, choiceOption, durationOption, integerOption, withCommonOptions } from '../options.js';
import { spread } from '../spread.js';
import { createTerminal, type Terminal } from '../terminal.js';

interface AblateOptions extends CommonOptions {
  readonly output: string;
  readonly meshes?: string;
  readonly split?: string;
  readonly shapes: number;
  readonly repeats: number;
  readonly steps?: number;
  readonly timeBudget?: number;
  readonly width: number;
  readonly codeLength: number;
  readonly backend: TrainingBackend;
  readonly threads: number;
  readonly resolution: number;
}

/** Of each run of a study when nobody says: three runs a case then take some fifteen minutes on two cores. */
const DEFAULT_STEPS = 3000;

/** `ablate`: the paper's two studies, on shapes of one's own. */
export function ablateCommand(): Command {
  const command = new Command('ablate')
    .description(
      'the paper’s ablations: train one decoder a setting, all with the same budget, and write their figures as Markdown, JSON and SVG. ' +
        'What the folder’s JSON already has of the same settings is not run again',
    )
    .addArgument(
      new Argument('<study>', 'truncation: delta from 0.01 to 0.5; skip: with and without the skip connection, 4 to 16 layers').choices(
        STUDIES,
      ),
    )
    .argument('<folder>', 'a folder that `prepare` made')
    .requiredOption('-o, --output <folder>', 'where the study’s files go')
    .option('--meshes <folder>', 'the true meshes, named as the shapes; without them surface samples are taken')
    .option('--split <file>', 'only shapes of this split JSON')
    .option('--shapes <n>', 'shapes to train on, spread over the list', integerOption(1, 10_000), 6)
    .option(
      '--steps <n>',
      `steps of each run, ${DEFAULT_STEPS} when neither this nor --time-budget is given: reproducible to the bit on the wasm and cpu backends`,
      integerOption(1, 1_000_000_000),
    )
    .option('--time-budget <time>', 'time of each run (90s, 10m) in place of steps', durationOption)
    .option('--repeats <n>', 'runs of each setting, with the seeds from --seed on', integerOption(1, 100), 3)
    .option('--width <n>', 'width of the hidden layers', integerOption(40, 1024), 128)
    .option('--code-length <n>', 'length of the latent code', integerOption(1, 1024), 32)
    .option('--backend <name>', TRAINING_BACKENDS.join(', '), choiceOption(...TRAINING_BACKENDS), 'auto')
    .option('--threads <n>', 'threads of the wasm backend', integerOption(1, 256), Math.min(8, availableParallelism()))
    .option('--resolution <n>', `grid cells along a side for the figures, to ${MAX_RESOLUTION}`, integerOption(2, 1_000_000), 128);
  return withCommonOptions(command, 'neural-sdf ablate truncation data/cups -o ablations --meshes cups --time-budget 2m').action(ablate);
}

async function ablate(name: StudyName, folder: string, options: AblateOptions): Promise<void> {
  const terminal = createTerminal(options);
  const study = studyOf(name, options);
  const shapes = await loadShapes(folder, options);
  const files = {
    json: join(options.output, `${name}.json`),
    markdown: join(options.output, `${name}.md`),
    plot: join(options.output, `${name}.svg`),
  };
  const done = await rowsOf(files.json);
  const budget = budgetOf(options);
  const { seed, repeats, resolution } = options;
  const heading: StudyHeading = {
    command: commandOf(name, folder, options),
    shapes: shapes.map(({ samples }) => samples.name),
    budget,
    seed,
    repeats,
    resolution,
  };
  const write = async (rows: readonly StudyRow[]) => {
    await writeFileAtomic(files.json, `${JSON.stringify(studyData(study, heading, rows), undefined, 2)}\n`);
    await writeFileAtomic(files.plot, studyPlot(study, rows));
    await writeFileAtomic(files.markdown, studyMarkdown(study, heading, rows, `${name}.svg`));
  };
  const stop = new AbortController();
  // The first Ctrl-C ends the run it is at; a second one ends the process as ever.
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  const bar = terminal.progress(`ablation ${name}`);
  let rows: StudyRow[];
  try {
    rows = await runStudy(study, shapes, {
      budget,
      seed,
      repeats,
      resolution,
      done,
      createEngine: await engineMaker(options, terminal),
      onRow: write,
      onProgress: (share, note) => bar.update(share, note),
      signal: stop.signal,
    });
  } finally {
    bar.stop();
    process.off('SIGINT', interrupt);
  }
  // Also where nothing was to be run: the files may have been written by an older version.
  await write(rows);
  terminal.result({ files, ...studyData(study, heading, rows) }, `${studyTable(study, rows)}\n${Object.values(files).join(', ')}`);
  if (rows.length < repeats * study.cases.length) {
    terminal.say(`${rows.length} of ${repeats * study.cases.length} runs are done; the same command does the rest`);
    process.exitCode = 130;
  }
}

function budgetOf({ steps, timeBudget }: AblateOptions): StudyBudget {
  return steps === undefined && timeBudget !== undefined ? { seconds: timeBudget } : { steps: steps ?? DEFAULT_STEPS };
}

async function loadShapes(folder: string, options: AblateOptions): Promise<StudyShape[]> {
  const instances = await listInstances(folder, options.split);
  if (instances.length === 0) throw new NeuralSdfError('FILE_NOT_FOUND', `${folder}: no samples in it; \`prepare\` makes them`, { folder });
  const meshes = options.meshes === undefined ? undefined : await findMeshes(options.meshes);
  const chosen = spread(instances.length, options.shapes).map((index) => instances[index]);
  return Promise.all(
    chosen.map(async (instance, i) => ({
      samples: (await loadSamples(folder, instance)).samples,
      truth: await loadTrueSurface(folder, instance, meshes?.find(instance), new Random((options.seed ^ 0x5bd1e995) + i)),
    })),
  );
}

async function rowsOf(path: string): Promise<StudyRow[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new NeuralSdfError(
      'FILE_NOT_FOUND',
      `cannot read ${path}: ${whyUnreadable(error)}`,
      { path, reason: error.code },
      { cause: error },
    );
  });
  return text === undefined ? [] : parseStudyRows(text, path);
}

async function engineMaker(options: AblateOptions, terminal: Terminal): Promise<(settings: EngineSettings) => Promise<TrainingEngine>> {
  const platform = await nodeTfjsPlatform();
  const skipped = new Set<TrainingBackend>();
  const onSkip = (backend: TrainingBackend, reason: NeuralSdfError) => {
    if (!skipped.has(backend)) terminal.say(`not on ${backend}: ${reason.message}`);
    skipped.add(backend);
  };
  return (settings) => createTrainingEngine(settings, options.backend, { threads: options.threads, platform, onSkip });
}

/** What the figures depend on, as it would be typed. */
function commandOf(name: StudyName, folder: string, options: AblateOptions): string {
  const budget = budgetOf(options);
  const { output, meshes, split, shapes, repeats, width, codeLength, resolution, seed } = options;
  const given = [
    ...(meshes === undefined ? [] : ['--meshes', meshes]),
    ...(split === undefined ? [] : ['--split', split]),
    '--shapes',
    shapes,
    ...(budget.steps === undefined ? ['--time-budget', `${budget.seconds}s`, '--threads', options.threads] : ['--steps', budget.steps]),
    '--repeats',
    repeats,
    '--width',
    width,
    '--code-length',
    codeLength,
    '--resolution',
    resolution,
    '--seed',
    seed,
  ];
  return ['neural-sdf ablate', name, folder, '-o', output, ...given].join(' ');
}
