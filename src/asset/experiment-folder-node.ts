import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NeuralSdfError } from '../errors.js';
import { whyUnreadable } from '../why-unreadable.js';
import { writeFileAtomic } from '../write-file-node.js';
import { type ExperimentFiles, type ImportedExperiment, readExperiment } from './experiment.js';
import { readMaurockRun } from './experiment-maurock.js';
import { readCapped, within } from './read-capped-node.js';

const PARAMETERS = 'ModelParameters';
const LATENTS = 'LatentCodes';
const ENDINGS = ['pth', 'pt', 'safetensors'];

/**
 * Reads an experiment folder: the authors' (specs.json, ModelParameters/N.pth, LatentCodes/N.pth), or a run of maurock/DeepSDF
 * (settings.yaml, weights.pt, results.npy).
 * @param checkpoint N: 'latest' or an epoch
 * @throws NeuralSdfError FILE_NOT_FOUND naming what is missing and which checkpoints there are; as `readExperiment`, with the folder in front
 */
export async function readExperimentFolder(folder: string, checkpoint = 'latest'): Promise<ImportedExperiment> {
  const names = await list(folder);
  const text = async (name: string) => new TextDecoder().decode(await readCapped(join(folder, name)));
  if (names.includes('specs.json')) {
    const [specs, parameters, latents] = await Promise.all([
      text('specs.json'),
      readCheckpoint(folder, PARAMETERS, checkpoint),
      readCheckpoint(folder, LATENTS, checkpoint),
    ]);
    return within(folder, () => readExperiment({ specs, parameters, latents }));
  }
  if (names.includes('settings.yaml') && names.includes('weights.pt')) {
    const [settings, weights, results] = await Promise.all([
      text('settings.yaml'),
      readCapped(join(folder, 'weights.pt')),
      readCapped(join(folder, 'results.npy')),
    ]);
    return within(folder, () => readMaurockRun({ settings, weights, results }));
  }
  throw new NeuralSdfError('FILE_NOT_FOUND', `${folder}: neither specs.json (DeepSDF) nor settings.yaml and weights.pt (maurock) in it`, {
    folder,
  });
}

/** Writes an experiment folder as checkpoint 'latest'. @throws NeuralSdfError WRITE_FAILED */
export async function writeExperimentFolder(folder: string, { specs, parameters, latents }: ExperimentFiles): Promise<void> {
  await writeFileAtomic(join(folder, PARAMETERS, 'latest.pth'), parameters);
  await writeFileAtomic(join(folder, LATENTS, 'latest.pth'), latents);
  await writeFileAtomic(join(folder, 'specs.json'), specs);
}

async function readCheckpoint(folder: string, kind: string, checkpoint: string): Promise<Uint8Array> {
  const files = await list(join(folder, kind));
  // Looked up, never joined: whatever the call says stays in the folder.
  const file = ENDINGS.map((ending) => `${checkpoint}.${ending}`).find((name) => files.includes(name));
  if (file) return readCapped(join(folder, kind, file));
  const there = files.map((name) => name.replace(/\.\w+$/, ''));
  throw new NeuralSdfError('FILE_NOT_FOUND', `${join(folder, kind)}: no checkpoint '${checkpoint}'; there are: ${there.join(', ')}`, {
    folder,
    checkpoint,
    there,
  });
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw new NeuralSdfError('FILE_NOT_FOUND', `${folder}: ${whyUnreadable(cause)}`, { folder }, { cause });
  }
}
