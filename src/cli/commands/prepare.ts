import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { parsePoses } from '../../dataset/poses.js';
import { DEFAULT_PREPARE_OPTIONS, type PrepareResult, prepareMeshes } from '../../dataset/prepare-node.js';
import { PREPARE_METHODS, type PreparedMesh, type PrepareMethod } from '../../dataset/prepared-mesh.js';
import { SAMPLE_VARIANTS, type SampleVariant } from '../../dataset/sample-shape.js';
import { writePrepareReport } from '../../evaluation/prepare-report-node.js';
import { readInput } from '../files.js';
import { type CommonOptions, choiceOption, integerOption, numberOption, withCommonOptions } from '../options.js';
import { createTerminal, exitCodeOf, type Terminal } from '../terminal.js';

interface PrepareCommandOptions extends CommonOptions {
  readonly output: string;
  readonly method: PrepareMethod;
  readonly variant: SampleVariant;
  readonly samples?: number;
  readonly uniform?: number;
  readonly poses?: string;
  readonly views: number;
  readonly viewSize: number;
  readonly maxBadObservations: number;
  readonly maxBadTriangles: number;
  readonly dataset: string;
  readonly class?: string;
  readonly strict?: boolean;
  readonly force?: boolean;
  readonly report?: boolean;
  readonly shard?: { index: number; count: number };
  readonly threads: number;
}

const DEFAULTS = DEFAULT_PREPARE_OPTIONS;

/** `prepare`: meshes to signed distance samples, DeepSDF's folder layout. */
export function prepareCommand(): Command {
  const command = new Command('prepare')
    .description('sample the signed distance around meshes (OBJ, OFF, PLY, STL, GLB), in DeepSDF’s folder layout')
    .argument('<mesh...>', 'mesh files; each becomes a shape named after its file')
    .requiredOption('-o, --output <folder>', 'where the samples go; what it holds of unchanged meshes and settings is kept')
    .option(
      '--method <name>',
      'how inside is told from outside: auto (pseudonormals of a closed mesh, winding number of any other), winding, or multiview ' +
        '(DeepSDF’s: by what cameras all around see; what they do not see is solid, and shapes seen from both sides are dropped)',
      choiceOption(...PREPARE_METHODS),
      DEFAULTS.method,
    )
    .option(
      '--variant <name>',
      'the paper’s samples to train on, or to test with: fewer, and farther from the surface',
      choiceOption(...(Object.keys(SAMPLE_VARIANTS) as SampleVariant[])),
      'train',
    )
    .option('--samples <n>', `samples a shape (default: ${perVariant('count')})`, integerOption(100, 100_000_000))
    .option(
      '--uniform <share>',
      `share of them anywhere in the cube; the rest lies near the surface (default: ${perVariant('uniformShare')})`,
      numberOption(0, 1),
    )
    .option('--poses <file>', 'turn meshes upright and to the front first: JSON, {"<mesh>": {"up": "z", "yaw": 90}, ...}')
    .option('--views <n>', 'cameras of multiview', integerOption(1, 10_000), DEFAULTS.views)
    .option('--view-size <pixels>', 'width and height of their pictures', integerOption(16, 4096), DEFAULTS.viewSize)
    .option(
      '--max-bad-observations <share>',
      'multiview drops a shape above this share of pixels that show a triangle seen from both sides',
      numberOption(0, 1),
      DEFAULTS.maxBadObservations,
    )
    .option('--max-bad-triangles <share>', '… or above this share of such triangles', numberOption(0, 1), DEFAULTS.maxBadTriangles)
    .option('--dataset <name>', 'first folder level', DEFAULTS.dataset)
    .option('--class <name>', 'second folder level (default: the mesh’s own folder)')
    .option('--strict', 'refuse meshes that are not watertight instead of warning')
    .option('--force', 'prepare again what has not changed')
    .option('--report', 'write a page that shows each mesh beside its samples')
    .option('--shard <i/n>', 'prepare only every n-th mesh, from the i-th on (0/4 to 3/4), for a job array', shardOption)
    .option('--threads <n>', 'meshes prepared at the same time', integerOption(1, 256), availableParallelism());
  return withCommonOptions(command, 'neural-sdf prepare cups/*.off -o data/cups').action(prepare);
}

async function prepare(files: string[], options: PrepareCommandOptions): Promise<void> {
  const terminal = createTerminal(options);
  const { method, views, viewSize, maxBadObservations, maxBadTriangles, dataset, seed, shard, threads } = options;
  const variant = SAMPLE_VARIANTS[options.variant];
  const settings = {
    ...{ method, views, viewSize, maxBadObservations, maxBadTriangles, dataset, seed, shard, threads },
    ...variant,
    count: options.samples ?? variant.count,
    uniformShare: options.uniform ?? variant.uniformShare,
    poses: options.poses === undefined ? undefined : parsePoses(await readInput(options.poses), options.poses),
    className: options.class,
    strict: options.strict ?? false,
    force: options.force ?? false,
  };
  const bar = terminal.progress('preparing');
  const result = await prepareMeshes(files, options.output, settings, ({ file, share }) => bar.update(share, basename(file)));
  bar.stop();
  const report = options.report ? await makeReport(options, result, terminal) : undefined;
  for (const { file, warnings } of result.meshes) for (const warning of warnings) terminal.warn(`${file}: ${warning}`);
  if (result.withoutPose.length > 0) {
    const { length, 0: first } = result.withoutPose;
    terminal.warn(
      `${length} of ${result.meshes.length} meshes have no pose in ${options.poses} and stay as they are, the first is ${first}`,
    );
  }
  const summary = summaryOf(result);
  const where = report === undefined ? '' : `; ${report} shows them`;
  terminal.result(
    { ...jsonOf(result), report },
    [...result.meshes.map(lineOf), ...summary, `split in ${result.splitFile}${where}`].join('\n'),
  );
  for (const { error } of result.meshes) {
    if (!error || error.code === 'SHAPE_REJECTED') continue;
    process.stderr.write(`neural-sdf: ${error.message} (${error.code})\n`);
    process.exitCode = exitCodeOf(error.code);
  }
}

async function makeReport(options: PrepareCommandOptions, { meshes }: PrepareResult, terminal: Terminal): Promise<string> {
  const { shard, output } = options;
  const path = join(output, shard ? `prepare-report-${shard.index}-of-${shard.count}.html` : 'prepare-report.html');
  const bar = terminal.progress('drawing');
  await writePrepareReport(path, output, meshes, (share) => bar.update(share));
  bar.stop();
  return path;
}

function lineOf({ file, report, positive, negative, dropped, signMethod, unchanged, error }: PreparedMesh): string {
  const name = basename(file).padEnd(28);
  if (error) return `${name} ${error.code === 'SHAPE_REJECTED' ? 'DROPPED' : 'FAILED '} ${error.code}${unchanged ? ', as before' : ''}`;
  const counts = `${negative} inside, ${positive} outside${dropped ? `, ${dropped} dropped` : ''}`;
  return `${name} ${String(report?.triangles).padStart(8)} triangles  ${counts}, sign by ${signMethod}${unchanged ? ', unchanged' : ''}`;
}

/** How many there are of each outcome, and why shapes and samples were dropped. */
function summaryOf({ meshes, failed, rejected }: PrepareResult): string[] {
  const prepared = meshes.filter(({ error }) => !error);
  const unchanged = prepared.filter((mesh) => mesh.unchanged).length;
  const parts = [`${prepared.length} of ${meshes.length} prepared${unchanged > 0 ? ` (${unchanged} unchanged)` : ''}`];
  if (rejected > 0) parts.push(`${rejected} dropped`);
  if (failed > 0) parts.push(`${failed} failed`);
  const lines = [parts.join(', ')];
  for (const { error } of meshes) if (error?.code === 'SHAPE_REJECTED') lines.push(`dropped ${error.message}`);
  const dropped = prepared.reduce((sum, mesh) => sum + (mesh.dropped ?? 0), 0);
  if (dropped > 0) {
    const all = prepared.reduce((sum, { positive = 0, negative = 0 }) => sum + positive + negative, dropped);
    lines.push(
      `dropped ${dropped} of ${all} samples (${((100 * dropped) / all).toPrecision(2)} %): surface points next to them disagree on their sign`,
    );
  }
  return lines;
}

function jsonOf({ meshes, ...result }: PrepareResult) {
  return {
    ...result,
    meshes: meshes.map(({ error, ...mesh }) => ({ ...mesh, error: error && { code: error.code, message: error.message } })),
  };
}

function perVariant(option: 'count' | 'uniformShare'): string {
  const value = (variant: SampleVariant) => Number(SAMPLE_VARIANTS[variant][option].toPrecision(6));
  return `${value('train')}, ${value('test')} with --variant test`;
}

function shardOption(text: string): { index: number; count: number } {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  if (!match || Number(match[1]) >= Number(match[2])) throw new InvalidArgumentError('It must be i/n with i from 0 to n - 1.');
  return { index: Number(match[1]), count: Number(match[2]) };
}
