import { createHash } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NeuralSdfError } from '../errors.js';
import { writeFileAtomic } from '../write-file-node.js';
import { instanceFiles } from './folder-node.js';
import type { MultiViewOptions } from './multi-view-query.js';
import type { Pose } from './poses.js';
import type { PreparedMesh, PrepareSettings } from './prepared-mesh.js';
import type { Instance } from './split.js';

/** Raised whenever preparing the same mesh with the same settings gives other files than before. */
const PREPARATION_VERSION = 1;
const MANIFESTS = 'PreparationManifests';

/** What the files of a shape depend on. */
export interface PreparationKey {
  readonly version: number;
  /** SHA-256 of the mesh file, hexadecimal. */
  readonly mesh: string;
  /** Without those of the cameras, where they were not used. */
  readonly settings: Omit<PrepareSettings, keyof MultiViewOptions> & Partial<MultiViewOptions>;
}

/** What became of a mesh, without what belongs to the run. */
export type PreparationOutcome = Omit<PreparedMesh, 'file' | 'instance' | 'unchanged' | 'error'> & {
  /** Why the shape was rejected, where it was. */
  readonly rejection?: { readonly reason: string; readonly details: Readonly<Record<string, unknown>> };
};

interface Manifest {
  readonly key: PreparationKey;
  readonly outcome: PreparationOutcome;
  /** Sizes in bytes of the shape's files, in the order they are written; none of a rejected shape. */
  readonly sizes: readonly number[];
}

/** @param options only those that the files depend on are kept, in an order of our own */
export function preparationKey(mesh: Uint8Array, options: PrepareSettings): PreparationKey {
  const { method, count, uniformShare, variances, surfaceCount, seed, strict, pose } = options;
  const { views, viewSize, votes, maxBadObservations, maxBadTriangles } = options;
  const looking = method === 'multiview' ? { views, viewSize, votes, maxBadObservations, maxBadTriangles } : {};
  const settings = { method, count, uniformShare, variances, surfaceCount, seed, strict, pose, ...looking };
  return { version: PREPARATION_VERSION, mesh: createHash('sha256').update(mesh).digest('hex'), settings };
}

/** The outcome of an earlier run with the same key, whose files are all still there and whole; undefined where there is none. */
export async function findPrepared(root: string, instance: Instance, key: PreparationKey): Promise<PreparationOutcome | undefined> {
  const manifest = await readManifest(root, instance);
  if (!manifest || JSON.stringify(manifest.key) !== JSON.stringify(key)) return undefined;
  if (manifest.outcome.rejection) return manifest.outcome;
  const sizes = await sizesOf(root, instance);
  return JSON.stringify(sizes) === JSON.stringify(manifest.sizes) ? manifest.outcome : undefined;
}

/** Written last: what it says is there is there. @throws NeuralSdfError WRITE_FAILED */
export async function writeManifest(root: string, instance: Instance, key: PreparationKey, outcome: PreparationOutcome): Promise<void> {
  const sizes = outcome.rejection ? [] : await sizesOf(root, instance);
  const manifest = { key, outcome, sizes };
  await writeFileAtomic(manifestPath(root, instance), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** Before a shape's files change, so that a manifest never speaks for others. @throws NeuralSdfError WRITE_FAILED */
export async function removeManifest(root: string, instance: Instance): Promise<void> {
  const path = manifestPath(root, instance);
  await rm(path, { force: true }).catch((error: NodeJS.ErrnoException) => {
    throw new NeuralSdfError('WRITE_FAILED', `cannot remove ${path}: ${error.code}`, { path, reason: error.code }, { cause: error });
  });
}

/** The pose that a prepared mesh was turned by; undefined where it was not, or is not known. */
export async function preparedPose(root: string, instance: Instance): Promise<Pose | undefined> {
  return (await readManifest(root, instance))?.key.settings.pose;
}

function manifestPath(root: string, { dataset, className, name }: Instance): string {
  return join(root, MANIFESTS, dataset, className, `${name}.json`);
}

/** What cannot be read, or is no manifest, is as good as none: the mesh is prepared again. */
async function readManifest(root: string, instance: Instance): Promise<Manifest | undefined> {
  const text = await readFile(manifestPath(root, instance), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const manifest = JSON.parse(text);
    return manifest?.key?.settings && manifest.outcome && manifest.sizes ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** -1 for a file that is missing. */
function sizesOf(root: string, instance: Instance): Promise<number[]> {
  return Promise.all(
    instanceFiles(root, instance).map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => -1,
      ),
    ),
  );
}
