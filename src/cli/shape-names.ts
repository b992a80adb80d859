import { access } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { ImportedExperiment } from '../asset/experiment.js';
import type { NeuralShape } from '../asset/index.js';
import { type Instance, instancesOfSplit, loadNormalization, parseSplit } from '../dataset/index.js';
import { NeuralSdfError } from '../errors.js';
import { readInput } from './files.js';
import type { Terminal } from './terminal.js';

/** How far up from the experiment folder the paths in its specs.json are looked for. */
const ANCESTORS = 6;

/** An experiment's shapes, with names and normalisation from the train split and its data, where they are found and fit; 'shape-000' and on otherwise. */
export async function nameShapes(
  folder: string,
  { latents, trainSplit, dataSource }: ImportedExperiment,
  split: string | undefined,
  terminal: Terminal,
): Promise<NeuralShape[]> {
  const instances = await trainInstances(folder, trainSplit, split);
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
    if (split) throw new NeuralSdfError('INVALID_ARGUMENT', `${split}: ${found}`, { split });
    terminal.warn(`${found}: shapes are numbered instead of named`);
  } else terminal.say('the train split was not found: shapes are numbered; --split names them');
  const names = numberedNames(latents.length);
  return latents.map((latent, i) => ({ name: names[i], latent }));
}

/** 'shape-000' and on. */
export function numberedNames(count: number): string[] {
  const digits = Math.max(3, String(count - 1).length);
  return Array.from({ length: count }, (_, i) => `shape-${String(i).padStart(digits, '0')}`);
}

async function trainInstances(folder: string, trainSplit: string | undefined, split: string | undefined): Promise<Instance[] | undefined> {
  const read = async (path: string) => instancesOfSplit(parseSplit(await readInput(path), path));
  if (split) return read(split);
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
