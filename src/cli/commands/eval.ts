import { basename } from 'node:path';
import { Command } from 'commander';
import type { NeuralShapes } from '../../asset/index.js';
import { type Instance, instanceKey, listInstances } from '../../dataset/index.js';
import { NeuralSdfError } from '../../errors.js';
import { type EvaluationCase, evaluateAsset } from '../../evaluation/evaluate-asset.js';
import { caveats, figureTable } from '../../evaluation/figure-columns.js';
import { findMeshes, loadTrueSurface, type MeshFinder } from '../../evaluation/true-surfaces-node.js';
import { reportData, writeReport } from '../../evaluation/write-report-node.js';
import { MAX_RESOLUTION } from '../../meshing/index.js';
import { Random } from '../../random.js';
import { readAsset } from '../files.js';
import { type CommonOptions, integerOption, withCommonOptions } from '../options.js';
import { createTerminal, type Terminal } from '../terminal.js';

interface EvalOptions extends CommonOptions {
  readonly output: string;
  readonly meshes?: string;
  readonly split?: string;
  readonly resolution: number;
  readonly pictureSize: number;
}

/** `eval`: how well an asset gives back the shapes it was trained on. */
export function evalCommand(): Command {
  const command = new Command('eval')
    .description('score an asset’s shapes against their true surfaces: table, report.json, and report.html with pictures')
    .argument('<asset>', 'a .glb with neural shapes')
    .argument('<folder>', 'the prepared folder that it was trained on')
    .requiredOption('-o, --output <folder>', 'where the report goes')
    .option('--meshes <folder>', 'the true meshes, named as the shapes: figures are then taken against them, not against surface samples')
    .option('--split <file>', 'only the shapes of this split JSON')
    .option('--resolution <n>', `grid cells along a side, to ${MAX_RESOLUTION}; the paper takes 512`, integerOption(2, 1_000_000), 128)
    .option('--picture-size <pixels>', 'of the report’s pictures', integerOption(16, 2048), 320);
  return withCommonOptions(command, 'neural-sdf eval cups.glb data/cups -o report --meshes cups').action(evaluate);
}

async function evaluate(path: string, folder: string, options: EvalOptions): Promise<void> {
  const terminal = createTerminal(options);
  const asset = await readAsset(path);
  const { pairs, unknown } = pairByName(asset, await listInstances(folder, options.split));
  if (pairs.length === 0) {
    throw new NeuralSdfError('SHAPE_NOT_FOUND', `none of the shapes of ${path} is in ${options.split ?? folder}, by name`, {
      path,
      folder,
    });
  }
  if (unknown.length > 0)
    terminal.warn(`${unknown.length} prepared shapes are not in ${path} and were left out, the first is ${unknown[0]}`);
  const meshes = options.meshes === undefined ? undefined : await findMeshes(options.meshes);
  const cases = pairs.map(({ shape, instance }) => caseOf(shape, folder, instance, meshes, options.seed, terminal));
  const bar = terminal.progress('scoring');
  const { resolution, seed, pictureSize } = options;
  const shapes = await evaluateAsset(asset, cases, {
    resolution,
    seed,
    pictureSize,
    onProgress: (share, note) => bar.update(share, note),
  });
  bar.stop();
  const heading = { asset: basename(path), folder, meshes: options.meshes, resolution, seed };
  const data = reportData(heading, shapes, { notInAsset: unknown });
  const files = await writeReport(options.output, heading, shapes, data);
  for (const line of caveats(shapes)) terminal.warn(line);
  terminal.result({ files, ...data }, `${figureTable(shapes)}\n${files.html}, ${files.json}`);
}

/** Shapes and instances of one name; where several share it, in the order of both. */
function pairByName(asset: NeuralShapes, instances: readonly Instance[]) {
  const left = new Map<string, number[]>();
  for (const [index, { name }] of asset.shapes.entries()) left.set(name, [...(left.get(name) ?? []), index]);
  const pairs: { shape: number; instance: Instance }[] = [];
  const unknown: string[] = [];
  for (const instance of instances) {
    const shape = left.get(instance.name)?.shift();
    if (shape === undefined) unknown.push(instanceKey(instance));
    else pairs.push({ shape, instance });
  }
  return { pairs, unknown };
}

function caseOf(
  shape: number,
  folder: string,
  instance: Instance,
  meshes: MeshFinder | undefined,
  seed: number,
  terminal: Terminal,
): EvaluationCase {
  const meshFile = meshes?.find(instance);
  if (meshes && meshFile === undefined) terminal.warn(`${instance.name}: no mesh of that name, its surface samples are taken`);
  // Other numbers than those the generated surface is sampled with.
  return { shape, loadTruth: () => loadTrueSurface(folder, instance, meshFile, new Random((seed ^ 0x5bd1e995) + shape)) };
}
