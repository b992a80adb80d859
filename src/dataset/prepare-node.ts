import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { NeuralSdfError } from '../errors.js';
import { Random } from '../random.js';
import { writeFileAtomic } from '../write-file-node.js';
import { writeInstance } from './folder-node.js';
import { cleanMesh, inspectMesh, type MeshReport } from './inspect-mesh.js';
import { normalizeMesh } from './normalize-mesh.js';
import { orientMesh } from './orient-mesh.js';
import { readMesh } from './read-mesh.js';
import { DEFAULT_SAMPLE_SHAPE_OPTIONS, type SampleShapeOptions, sampleShape } from './sample-shape.js';
import { sampleSurface } from './sample-surface.js';
import { SignedDistanceQuery, type SignMethod } from './signed-distance.js';
import { type Instance, instanceKey, isSafeName, splitOf } from './split.js';

/** Settings of `prepareMeshes`. */
export interface PrepareOptions extends SampleShapeOptions {
  /** First folder level of the layout. */
  readonly dataset: string;
  /** Second folder level; the folder a mesh lies in where not given. */
  readonly className?: string;
  /** Each mesh draws from this seed and its own name: one mesh's samples do not depend on the others. */
  readonly seed: number;
  /** Refuse meshes that are not watertight, instead of warning. */
  readonly strict: boolean;
  /** Surface points with normals kept for evaluation. */
  readonly surfaceCount: number;
  /** This job takes every count-th mesh, from the index-th on. */
  readonly shard?: { readonly index: number; readonly count: number };
}

export const DEFAULT_PREPARE_OPTIONS: PrepareOptions = {
  ...DEFAULT_SAMPLE_SHAPE_OPTIONS,
  dataset: 'dataset',
  seed: 1,
  strict: false,
  surfaceCount: 30_000,
};

/** What became of one mesh. */
export interface PreparedMesh {
  readonly file: string;
  readonly instance: Instance;
  readonly report?: MeshReport;
  readonly signMethod?: SignMethod;
  /** Samples written. */
  readonly positive?: number;
  readonly negative?: number;
  /** For people: open edges, dropped triangles. */
  readonly warnings: readonly string[];
  /** Present when this mesh failed; nothing of it can be listed then. */
  readonly error?: NeuralSdfError;
}

export interface PrepareResult {
  readonly meshes: readonly PreparedMesh[];
  /** Meshes that failed; a command exits non-zero when there are any. */
  readonly failed: number;
  /** Split JSON of the meshes that succeeded: split.json, or split-<index>-of-<count>.json of a shard. */
  readonly splitFile: string;
}

/** `done` 0 to 1 for the mesh at `index` of `count`. */
export type PrepareProgress = (progress: { file: string; index: number; count: number; done: number }) => void;

/**
 * Meshes to signed distance samples in DeepSDF's folder layout: read, inspect, clean, orient, normalise, sample, write, one mesh at a time.
 * A mesh that fails is reported with its error, and the rest goes on.
 * @throws NeuralSdfError INVALID_ARGUMENT (bad names or shard, two meshes of one name), WRITE_FAILED for the split file
 */
export async function prepareMeshes(
  files: readonly string[],
  outDir: string,
  options: Partial<PrepareOptions> = {},
  onProgress?: PrepareProgress,
): Promise<PrepareResult> {
  const settings = { ...DEFAULT_PREPARE_OPTIONS, ...options };
  const all = files.map((file) => ({ file, instance: instanceOf(file, settings) }));
  checkInstances(all);
  const { index: shard, count: shards } = settings.shard ?? { index: 0, count: 1 };
  if (!(Number.isInteger(shards) && Number.isInteger(shard) && shard >= 0 && shard < shards)) {
    throw new NeuralSdfError('INVALID_ARGUMENT', `shard ${shard} of ${shards}: the index counts from 0 to ${shards - 1}`, {
      shard,
      shards,
    });
  }
  const jobs = all.filter((_, i) => i % shards === shard);
  const meshes: PreparedMesh[] = [];
  for (const [index, { file, instance }] of jobs.entries()) {
    const report = (done: number) => onProgress?.({ file, index, count: jobs.length, done });
    meshes.push(await prepareMesh(file, instance, outDir, settings, report));
  }
  const succeeded = meshes.filter((mesh) => !mesh.error).map((mesh) => mesh.instance);
  const splitFile = join(outDir, shards > 1 ? `split-${shard}-of-${shards}.json` : 'split.json');
  await writeFileAtomic(splitFile, `${JSON.stringify(splitOf(succeeded), undefined, 2)}\n`);
  return { meshes, failed: meshes.length - succeeded.length, splitFile };
}

/** One mesh, independent of all others: the unit of work for a shard or a worker. Never rejects with a NeuralSdfError: it is in the answer. */
export async function prepareMesh(
  file: string,
  instance: Instance,
  outDir: string,
  options: PrepareOptions,
  onProgress?: (done: number) => void,
): Promise<PreparedMesh> {
  const warnings: string[] = [];
  let report: MeshReport | undefined;
  try {
    const read = await readMesh(await readMeshFile(file), file);
    report = inspectMesh(read);
    const complaint = describeDefects(report);
    if (complaint && options.strict) throw new NeuralSdfError('MESH_NOT_WATERTIGHT', `${file}: ${complaint}`, { file, ...report });
    if (complaint) warnings.push(complaint);
    const { mesh: clean, droppedTriangles } = cleanMesh(read);
    if (droppedTriangles > 0) warnings.push(`dropped ${droppedTriangles} triangles without area`);
    if (clean.triangles.length === 0) throw new NeuralSdfError('MESH_EMPTY', `${file}: no triangle has an area`, { file });
    const { mesh: oriented, turnedTriangles } = orientMesh(clean);
    if (turnedTriangles > 0) warnings.push(`turned ${turnedTriangles} triangles to face as their neighbours do`);
    const { mesh, normalization } = normalizeMesh(oriented);
    const query = new SignedDistanceQuery(mesh);
    const random = new Random(options.seed ^ hashName(instanceKey(instance)));
    const samples = sampleShape(query, mesh, options, random, onProgress);
    const surface = sampleSurface(mesh, options.surfaceCount, random);
    if (samples.negative.length === 0) warnings.push('no sample lies inside: the surface encloses nothing');
    await writeInstance(outDir, instance, samples, normalization, surface);
    const counts = { positive: samples.positive.length / 4, negative: samples.negative.length / 4 };
    return { file, instance, report, signMethod: query.signMethod, ...counts, warnings };
  } catch (error) {
    if (!(error instanceof NeuralSdfError)) throw error;
    return { file, instance, report, warnings, error };
  }
}

/** What keeps a mesh from being watertight, with figures; empty when nothing does. */
function describeDefects({ watertight, boundaryEdges, nonManifoldEdges, inconsistentEdges, edges, openShare }: MeshReport): string {
  if (watertight) return '';
  const percent = (openShare * 100).toPrecision(2);
  return (
    `not watertight: ${boundaryEdges} of ${edges} edges open (${percent} %), ${nonManifoldEdges} with more than two triangles, ` +
    `${inconsistentEdges} between triangles of opposite orientation; signs near them are a guess`
  );
}

function instanceOf(file: string, { dataset, className }: PrepareOptions): Instance {
  const folder = basename(dirname(resolve(file)));
  return { dataset, className: className ?? (isSafeName(folder) ? folder : 'shapes'), name: basename(file, extname(file)) };
}

function checkInstances(jobs: readonly { file: string; instance: Instance }[]): void {
  const files = new Map<string, string>();
  for (const { file, instance } of jobs) {
    const unsafe = [instance.dataset, instance.className, instance.name].find((part) => !isSafeName(part));
    if (unsafe !== undefined) throw new NeuralSdfError('INVALID_ARGUMENT', `"${unsafe}" cannot be a folder name (from ${file})`, { file });
    const key = instanceKey(instance);
    if (files.has(key)) {
      throw new NeuralSdfError('INVALID_ARGUMENT', `${files.get(key)} and ${file} would both become ${key}: rename one`, { file, key });
    }
    files.set(key, file);
  }
}

async function readMeshFile(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new NeuralSdfError('FILE_NOT_FOUND', `cannot read ${file}: ${error.code}`, { file, reason: error.code }, { cause: error });
  });
}

/** FNV-1a, 32 bits. */
function hashName(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
