import { access } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Command } from 'commander';
import type { ImportedExperiment } from '../../asset/experiment.js';
import type { ImportProvenance } from '../../asset/experiment-export.js';
import { readExperimentFolder } from '../../asset/experiment-folder-node.js';
import { type NeuralShape, writeShapes } from '../../asset/index.js';
import { type Instance, instancesOfSplit, loadNormalization, parseSplit } from '../../dataset/index.js';
import { NeuralSdfError } from '../../errors.js';
import { assembleAsset } from '../../evaluation/assemble-asset.js';
import { writeFileAtomic } from '../../write-file-node.js';
import { readInput } from '../files.js';
import { type CommonOptions, integerOption, withCommonOptions } from '../options.js';
import { spread } from '../spread.js';
import { createTerminal, type Terminal } from '../terminal.js';

interface ImportOptions extends CommonOptions {
  readonly output: string;
  readonly checkpoint: string;
  readonly split?: string;
  readonly resolution: number;
  readonly baked: number;
}

/** How far up from the experiment folder the paths in its specs.json are looked for. */
const ANCESTORS = 6;

/** `import`: what PyTorch trained to an asset. */
export function importCommand(): Command {
  const command = new Command('import')
    .description('turn a DeepSDF experiment folder that PyTorch trained into an asset; nothing in its files is ever executed')
    .argument('<experiment>', 'a folder with specs.json, ModelParameters and LatentCodes, or a run of maurock/DeepSDF')
    .requiredOption('-o, --output <file>', 'where the .glb goes')
    .option('--checkpoint <name>', 'latest, or an epoch', 'latest')
    .option('--split <file>', 'the split it was trained on, for the names of its shapes; looked for where specs.json says if not given')
    .option('--resolution <n>', 'grid cells along a side, for the baked meshes and the step scale', integerOption(8, 512), 64)
    .option('--baked <n>', 'shapes that get a baked mesh in the file, spread over the list', integerOption(1, 10_000), 12);
  return withCommonOptions(command, 'neural-sdf import experiments/cups -o cups.glb').action(importExperiment);
}

async function importExperiment(folder: string, options: ImportOptions): Promise<void> {
  const terminal = createTerminal(options);
  const { decoder, latents, delta, epoch, specs, ...paths } = await readExperimentFolder(folder, options.checkpoint);
  const shapes = await nameShapes(folder, { latents, ...paths }, options, terminal);
  const progress = terminal.progress('measuring and baking');
  const { asset, empty } = await assembleAsset({ decoder, shapes, delta }, [], {
    evaluationResolution: options.resolution,
    bakeResolution: options.resolution,
    stepScaleResolution: options.resolution,
    baked: spread(shapes.length, options.baked),
    emptyShapes: 'keep',
    seed: options.seed,
    onProgress: (share, note) => progress.update(share, note),
  });
  progress.stop();
  if (empty.length > 0) {
    terminal.warn(`no surface at resolution ${options.resolution}, hence no baked mesh: ${empty.join(', ')}; is the decoder trained?`);
  }
  const provenance: ImportProvenance & { checkpoint: string } = { checkpoint: options.checkpoint, epoch, specs };
  const withoutMeshes = !asset.shapes.some(({ bakedMesh }) => bakedMesh);
  await writeFileAtomic(options.output, await writeShapes({ ...asset, provenance: { import: provenance } }, { withoutMeshes }));
  const { codeLength, dims } = decoder.spec;
  terminal.result(
    { output: options.output, shapes: shapes.map(({ name }) => name), empty, spec: decoder.spec, delta, stepScale: asset.stepScale, epoch },
    `${options.output}: ${shapes.length} shapes, decoder ${dims.join('-')}, code length ${codeLength}, step scale ${asset.stepScale.toFixed(3)}`,
  );
}

/** Names and normalisation from the train split and its data, where they are found and fit; 'shape-000' and on otherwise. */
async function nameShapes(
  folder: string,
  { latents, trainSplit, dataSource }: Pick<ImportedExperiment, 'latents' | 'trainSplit' | 'dataSource'>,
  options: ImportOptions,
  terminal: Terminal,
): Promise<NeuralShape[]> {
  const instances = await trainInstances(folder, trainSplit, options);
  if (instances?.length === latents.length) {
    const data = dataSource === undefined ? undefined : await findNear(folder, dataSource);
    const unique = new Set(instances.map(({ name }) => name)).size === instances.length;
    return Promise.all(
      instances.map(async (instance, i) => ({
        name: unique ? instance.name : `${instance.className}/${instance.name}`,
        latent: latents[i],
        normalization: data === undefined ? undefined : await loadNormalization(data, instance),
      })),
    );
  }
  if (instances) {
    const found = `the train split lists ${instances.length} shapes, the checkpoint holds ${latents.length} latent codes`;
    if (options.split) throw new NeuralSdfError('INVALID_ARGUMENT', `${options.split}: ${found}`, { split: options.split });
    terminal.warn(`${found}: shapes are numbered instead of named`);
  } else terminal.say('the train split was not found: shapes are numbered; --split names them');
  const digits = Math.max(3, String(latents.length - 1).length);
  return latents.map((latent, i) => ({ name: `shape-${String(i).padStart(digits, '0')}`, latent }));
}

async function trainInstances(folder: string, trainSplit: string | undefined, options: ImportOptions): Promise<Instance[] | undefined> {
  const read = async (path: string) => instancesOfSplit(parseSplit(await readInput(path), path));
  if (options.split) return read(options.split);
  const found = trainSplit === undefined ? undefined : await findNear(folder, trainSplit);
  // What merely lies where the split was once need not be one.
  return found === undefined ? undefined : read(found).catch(() => undefined);
}

/** A relative path of specs.json, from the folder, from those above it, or from where we are. */
async function findNear(folder: string, path: string): Promise<string | undefined> {
  // An absolute path is of another machine; on this one it could be anything.
  if (isAbsolute(path)) return undefined;
  const bases = [resolve(folder)];
  for (let i = 0; i < ANCESTORS; i++) bases.push(dirname(bases[i]));
  for (const base of [...bases, process.cwd()]) {
    const candidate = join(base, path);
    const there = await access(candidate).then(
      () => true,
      () => false,
    );
    if (there) return candidate;
  }
  return undefined;
}
