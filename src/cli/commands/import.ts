import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { Command } from 'commander';
import type { ImportProvenance } from '../../asset/experiment-export.js';
import { readExperimentFolder } from '../../asset/experiment-folder-node.js';
import { type NeuralShapes, writeShapes } from '../../asset/index.js';
import { readMlpFiles } from '../../asset/mlp/mlp-files-node.js';
import { NeuralSdfError } from '../../errors.js';
import { assembleAsset } from '../../evaluation/assemble-asset.js';
import { writeFileAtomic } from '../../write-file-node.js';
import { type CommonOptions, integerOption, withCommonOptions } from '../options.js';
import { nameShapes, numberedNames } from '../shape-names.js';
import { spread } from '../spread.js';
import { createTerminal, type Terminal } from '../terminal.js';

interface ImportOptions extends CommonOptions {
  readonly output: string;
  readonly checkpoint: string;
  readonly split?: string;
  readonly spec?: string;
  readonly resolution: number;
  readonly baked: number;
}

/** What was trained elsewhere. */
interface Source extends Pick<NeuralShapes, 'decoder' | 'shapes' | 'delta'> {
  readonly provenance: ImportProvenance & { readonly checkpoint?: string };
}

/** `import`: what others trained to an asset. */
export function importCommand(): Command {
  const command = new Command('import')
    .description(
      'turn what was trained elsewhere into an asset: a DeepSDF experiment, or a plain MLP; nothing in its files is ever executed',
    )
    .argument(
      '<source>',
      'a folder with specs.json, ModelParameters and LatentCodes; a run of maurock/DeepSDF; or an MLP as .npz, .safetensors or .pth with a JSON description (assets/MLP.md)',
    )
    .requiredOption('-o, --output <file>', 'where the .glb goes')
    .option('--checkpoint <name>', 'of an experiment: latest, or an epoch', 'latest')
    .option(
      '--split <file>',
      'of an experiment: the split it was trained on, for the names of its shapes; looked for where specs.json says if not given',
    )
    .option('--spec <file>', 'of an MLP: its description; the same name with .json if not given')
    .option('--resolution <n>', 'grid cells along a side, for the baked meshes and the step scale', integerOption(8, 512), 64)
    .option('--baked <n>', 'shapes that get a baked mesh in the file, spread over the list', integerOption(1, 10_000), 12);
  return withCommonOptions(command, 'neural-sdf import experiments/cups -o cups.glb').action(importSource);
}

async function importSource(path: string, options: ImportOptions): Promise<void> {
  const terminal = createTerminal(options);
  const { provenance, ...trained } = (await isFile(path)) ? await readMlp(path, options) : await readExperiment(path, options, terminal);
  const { decoder, shapes, delta } = trained;
  const progress = terminal.progress('measuring and baking');
  const { asset, empty } = await assembleAsset(trained, [], {
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
  const withoutMeshes = !asset.shapes.some(({ bakedMesh }) => bakedMesh);
  await writeFileAtomic(options.output, await writeShapes({ ...asset, provenance: { import: provenance } }, { withoutMeshes }));
  const { codeLength, dims } = decoder.spec;
  const names = shapes.map(({ name }) => name);
  terminal.result(
    { output: options.output, shapes: names, empty, spec: decoder.spec, delta, stepScale: asset.stepScale, epoch: provenance.epoch },
    `${options.output}: ${shapes.length} shapes, decoder ${dims.join('-')}, code length ${codeLength}, step scale ${asset.stepScale.toFixed(3)}`,
  );
}

async function readExperiment(folder: string, { checkpoint, split, spec }: ImportOptions, terminal: Terminal): Promise<Source> {
  if (spec)
    throw new NeuralSdfError('INVALID_ARGUMENT', '--spec describes an MLP in a file; an experiment folder has its specs.json', { spec });
  const experiment = await readExperimentFolder(folder, checkpoint);
  const { decoder, delta, epoch, specs } = experiment;
  return { decoder, delta, shapes: await nameShapes(folder, experiment, split, terminal), provenance: { checkpoint, epoch, specs } };
}

async function readMlp(path: string, { spec, split }: ImportOptions): Promise<Source> {
  if (split)
    throw new NeuralSdfError('INVALID_ARGUMENT', '--split names the shapes of an experiment; an MLP has "shapes" in its description', {
      split,
    });
  const mlp = await readMlpFiles(path, spec);
  const { decoder, delta, latents, normalization } = mlp;
  const names = mlp.names ?? (latents.length === 1 ? [basename(path, extname(path))] : numberedNames(latents.length));
  return {
    decoder,
    delta,
    shapes: latents.map((latent, i) => ({ name: names[i], latent, normalization })),
    provenance: { specs: mlp.spec },
  };
}

/** What is not there is left to the reader of folders, which says so. */
async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
