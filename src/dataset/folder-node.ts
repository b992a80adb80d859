import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Normalization } from '../asset/neural-shapes.js';
import { NeuralSdfError } from '../errors.js';
import { whyUnreadable } from '../why-unreadable.js';
import { writeFileAtomic } from '../write-file-node.js';
import { formatPlyPoints, parsePly } from './formats/ply.js';
import { readNpz, writeNpz } from './npz.js';
import type { SurfaceSamples } from './sample-surface.js';
import { type ReadSamples, readSamples, type ShapeSamples, writeSamples } from './samples.js';
import { type Instance, instanceKey, instancesOfSplit, parseSplit } from './split.js';

const SAMPLES = 'SdfSamples';
const NORMALIZATION = 'NormalizationParameters';
const SURFACE = 'SurfaceSamples';

const fileOf = (root: string, kind: string, { dataset, className, name }: Instance, ending: string): string =>
  join(root, kind, dataset, className, `${name}.${ending}`);

/** Where an instance's samples lie. */
export function samplesPath(root: string, instance: Instance): string {
  return fileOf(root, SAMPLES, instance, 'npz');
}

/** A shape's files in the order they are written. */
export function instanceFiles(root: string, instance: Instance): [surface: string, normalization: string, samples: string] {
  return [fileOf(root, SURFACE, instance, 'ply'), fileOf(root, NORMALIZATION, instance, 'npz'), samplesPath(root, instance)];
}

/** Removes a shape's files, samples first, so that no half of it is listed. @throws NeuralSdfError WRITE_FAILED */
export async function removeInstance(root: string, instance: Instance): Promise<void> {
  for (const path of instanceFiles(root, instance).reverse()) {
    await rm(path, { force: true }).catch((error: NodeJS.ErrnoException) => {
      throw new NeuralSdfError('WRITE_FAILED', `cannot remove ${path}: ${error.code}`, { path, reason: error.code }, { cause: error });
    });
  }
}

/**
 * Writes one shape: surface samples and normalisation first, signed distance samples last, so that whatever is listed is whole.
 * After a failure half-way nothing of the shape is left.
 * @throws NeuralSdfError WRITE_FAILED
 */
export async function writeInstance(
  root: string,
  instance: Instance,
  samples: Pick<ShapeSamples, 'positive' | 'negative'>,
  { offset, scale }: Normalization,
  surface: SurfaceSamples,
): Promise<void> {
  const normalization = {
    offset: { shape: [3], data: Float64Array.from(offset) },
    scale: { shape: [1], data: Float64Array.of(scale) },
  };
  const [surfacePath, normalizationPath, samplePath] = instanceFiles(root, instance);
  const files: [string, Uint8Array][] = [
    [surfacePath, formatPlyPoints(surface.points, surface.normals)],
    [normalizationPath, writeNpz(normalization)],
    [samplePath, writeSamples({ name: instance.name, ...samples })],
  ];
  for (const [index, [path, bytes]] of files.entries()) {
    try {
      await writeFileAtomic(path, bytes);
    } catch (error) {
      // Before the first file nothing has changed: an older version of the shape is still whole.
      if (index > 0) await Promise.all(files.map(([written]) => rm(written, { force: true }).catch(() => undefined)));
      throw error;
    }
  }
}

/**
 * Instances of a split in its order, or all that the folder holds, sorted by name.
 * @param splitFile path of a split JSON
 * @throws NeuralSdfError FILE_NOT_FOUND when the folder, the split or an instance of the split is missing, SAMPLES_INVALID
 * when the split is none
 */
export async function listInstances(root: string, splitFile?: string): Promise<Instance[]> {
  const present = await listAll(root);
  if (splitFile === undefined) return present;
  const known = new Set(present.map(instanceKey));
  const wanted = instancesOfSplit(parseSplit(await readFileOrThrow(splitFile), splitFile));
  const missing = wanted.filter((instance) => !known.has(instanceKey(instance)));
  if (missing.length > 0) {
    const reason = `${missing.length} of ${wanted.length} instances of ${splitFile} have no samples in ${root}, the first is ${instanceKey(missing[0])}`;
    throw new NeuralSdfError('FILE_NOT_FOUND', reason, { root, splitFile, missing: missing.map(instanceKey) });
  }
  return wanted;
}

/** @throws NeuralSdfError FILE_NOT_FOUND, SAMPLES_INVALID */
export async function loadSamples(root: string, instance: Instance): Promise<ReadSamples> {
  return readSamples(await readFileOrThrow(samplesPath(root, instance)), instance.name);
}

/** @returns undefined where the folder has none for this instance. @throws NeuralSdfError SAMPLES_INVALID */
export async function loadNormalization(root: string, instance: Instance): Promise<Normalization | undefined> {
  const path = fileOf(root, NORMALIZATION, instance, 'npz');
  const bytes = await readFileIfThere(path);
  if (!bytes) return undefined;
  const arrays = readNpz(bytes, path);
  const offset = Array.from(arrays.get('offset')?.data ?? [], Number);
  const scale = Number(arrays.get('scale')?.data[0]);
  if (offset.length !== 3 || !offset.every(Number.isFinite) || !(scale > 0 && scale < Number.POSITIVE_INFINITY)) {
    throw new NeuralSdfError('SAMPLES_INVALID', `${path}: needs offset [3] and scale > 0, both finite`, { path, offset, scale });
  }
  return { offset: [offset[0], offset[1], offset[2]], scale };
}

/**
 * @returns undefined where the folder has none for this instance; normals are empty where the file has none (the authors' have none)
 * @throws NeuralSdfError MESH_INVALID, MESH_TRUNCATED
 */
export async function loadSurfaceSamples(root: string, instance: Instance): Promise<SurfaceSamples | undefined> {
  const path = fileOf(root, SURFACE, instance, 'ply');
  const bytes = await readFileIfThere(path);
  if (!bytes) return undefined;
  const { positions, normals } = parsePly(bytes, path);
  return { points: Float32Array.from(positions), normals: Float32Array.from(normals ?? []) };
}

async function listAll(root: string): Promise<Instance[]> {
  const top = join(root, SAMPLES);
  const files = await readdir(top, { recursive: true }).catch((error) => {
    throw new NeuralSdfError('FILE_NOT_FOUND', `${root}: no ${SAMPLES} folder in it; \`prepare\` makes one`, { root }, { cause: error });
  });
  return files
    .map((file) => file.split(/[/\\]/))
    .filter((parts) => parts.length === 3 && parts[2].endsWith('.npz') && !parts[2].startsWith('.'))
    .map(([dataset, className, file]) => ({ dataset, className, name: file.slice(0, -'.npz'.length) }))
    .sort((a, b) => (instanceKey(a) < instanceKey(b) ? -1 : 1));
}

async function readFileIfThere(path: string): Promise<Uint8Array | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new NeuralSdfError(
      'FILE_NOT_FOUND',
      `cannot read ${path}: ${whyUnreadable(error)}`,
      { path, reason: error.code },
      { cause: error },
    );
  });
}

async function readFileOrThrow(path: string): Promise<Uint8Array> {
  const bytes = await readFileIfThere(path);
  if (!bytes) throw new NeuralSdfError('FILE_NOT_FOUND', `${path} does not exist`, { path });
  return bytes;
}
