import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { PreparedMesh } from '../../dataset/prepare-mesh-node.js';
import { DEFAULT_PREPARE_OPTIONS, type PrepareResult, prepareMeshes } from '../../dataset/prepare-node.js';
import { type CommonOptions, integerOption, numberOption, withCommonOptions } from '../options.js';
import { createTerminal, exitCodeOf } from '../terminal.js';

interface PrepareCommandOptions extends CommonOptions {
  readonly output: string;
  readonly samples: number;
  readonly uniform: number;
  readonly dataset: string;
  readonly class?: string;
  readonly strict?: boolean;
  readonly shard?: { index: number; count: number };
  readonly threads: number;
}

/** `prepare`: meshes to signed distance samples, DeepSDF's folder layout. */
export function prepareCommand(): Command {
  const command = new Command('prepare')
    .description('sample the signed distance around meshes (OBJ, OFF, PLY, STL, GLB), in DeepSDF’s folder layout')
    .argument('<mesh...>', 'mesh files; each becomes a shape named after its file')
    .requiredOption('-o, --output <folder>', 'where the samples go')
    .option('--samples <n>', 'samples a shape', integerOption(100, 100_000_000), DEFAULT_PREPARE_OPTIONS.count)
    .option(
      '--uniform <share>',
      'share of them anywhere in the cube; the rest lies near the surface',
      numberOption(0, 1),
      DEFAULT_PREPARE_OPTIONS.uniformShare,
    )
    .option('--dataset <name>', 'first folder level', DEFAULT_PREPARE_OPTIONS.dataset)
    .option('--class <name>', 'second folder level (default: the mesh’s own folder)')
    .option('--strict', 'refuse meshes that are not watertight instead of warning')
    .option('--shard <i/n>', 'prepare only every n-th mesh, from the i-th on (0/4 to 3/4), for a job array', shardOption)
    .option('--threads <n>', 'meshes prepared at the same time', integerOption(1, 256), availableParallelism());
  return withCommonOptions(command, 'neural-sdf prepare cups/*.off -o data/cups').action(prepare);
}

async function prepare(files: string[], options: PrepareCommandOptions): Promise<void> {
  const terminal = createTerminal(options);
  const bar = terminal.progress('preparing');
  const settings = {
    count: options.samples,
    uniformShare: options.uniform,
    dataset: options.dataset,
    className: options.class,
    strict: options.strict ?? false,
    seed: options.seed,
    shard: options.shard,
    threads: options.threads,
  };
  const result = await prepareMeshes(files, options.output, settings, ({ file, share }) => bar.update(share, basename(file)));
  bar.stop();
  for (const { file, warnings } of result.meshes) for (const warning of warnings) terminal.warn(`${file}: ${warning}`);
  terminal.result(
    jsonOf(result),
    [
      ...result.meshes.map(lineOf),
      `${result.meshes.length - result.failed} of ${result.meshes.length} prepared, split in ${result.splitFile}`,
    ].join('\n'),
  );
  for (const { error } of result.meshes) {
    if (!error) continue;
    process.stderr.write(`neural-sdf: ${error.message} (${error.code})\n`);
    process.exitCode = exitCodeOf(error.code);
  }
}

function lineOf({ file, report, positive, negative, signMethod, error }: PreparedMesh): string {
  const name = basename(file).padEnd(28);
  if (error) return `${name} FAILED  ${error.code}`;
  return `${name} ${String(report?.triangles).padStart(8)} triangles  ${negative} inside, ${positive} outside, sign by ${signMethod}`;
}

function jsonOf({ meshes, failed, splitFile }: PrepareResult) {
  return {
    splitFile,
    failed,
    meshes: meshes.map(({ error, ...mesh }) => ({ ...mesh, error: error && { code: error.code, message: error.message } })),
  };
}

function shardOption(text: string): { index: number; count: number } {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  if (!match || Number(match[1]) >= Number(match[2])) throw new InvalidArgumentError('It must be i/n with i from 0 to n - 1.');
  return { index: Number(match[1]), count: Number(match[2]) };
}
