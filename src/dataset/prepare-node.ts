import { basename, dirname, extname, join, resolve } from 'node:path';
import { NeuralSdfError } from '../errors.js';
import { writeFileAtomic } from '../write-file-node.js';
import { DEFAULT_MULTI_VIEW_OPTIONS } from './multi-view-query.js';
import type { Poses } from './poses.js';
import { prepareMesh } from './prepare-mesh-node.js';
import { PrepareThreads } from './prepare-threads-node.js';
import type { PreparedMesh, PrepareMeshOptions } from './prepared-mesh.js';
import { DEFAULT_SAMPLE_SHAPE_OPTIONS } from './sample-shape.js';
import { type Instance, instanceKey, isSafeName, splitOf } from './split.js';

/** Settings of `prepareMeshes`. */
export interface PrepareOptions extends Omit<PrepareMeshOptions, 'pose'> {
  /** First folder level of the layout. */
  readonly dataset: string;
  /** Second folder level; the folder a mesh lies in where not given. */
  readonly className?: string;
  /** How the meshes stand; one without a pose stays as it is. */
  readonly poses?: Poses;
  /** This job takes every count-th mesh, from the index-th on. */
  readonly shard?: { readonly index: number; readonly count: number };
  /** Meshes prepared at the same time, each on a thread of its own; the files do not depend on it. 1 stays on the calling thread. */
  readonly threads: number;
}

export const DEFAULT_PREPARE_OPTIONS: PrepareOptions = {
  ...DEFAULT_SAMPLE_SHAPE_OPTIONS,
  ...DEFAULT_MULTI_VIEW_OPTIONS,
  method: 'auto',
  dataset: 'dataset',
  seed: 1,
  strict: false,
  surfaceCount: 30_000,
  force: false,
  threads: 1,
};

export interface PrepareResult {
  readonly meshes: readonly PreparedMesh[];
  /** Meshes that failed; a command exits non-zero when there are any. */
  readonly failed: number;
  /** Meshes found unfit by `multiview` (SHAPE_REJECTED): part of its work, not a failure. */
  readonly rejected: number;
  /** Meshes of this job that no pose was given for, where poses were given. */
  readonly withoutPose: readonly string[];
  /** Split JSON of the meshes that succeeded: split.json, or split-<index>-of-<count>.json of a shard. */
  readonly splitFile: string;
}

export interface PrepareProgress {
  readonly file: string;
  /** Of the mesh that moved on, among `count`. */
  readonly index: number;
  readonly count: number;
  /** Share of that mesh, 0 to 1. */
  readonly done: number;
  /** Share of all meshes, 0 to 1; never falls. */
  readonly share: number;
}

/**
 * Meshes to signed distance samples in DeepSDF's folder layout: read, inspect, clean, turn, orient, normalise, sample, write.
 * A mesh that fails is reported with its error, and the rest goes on. What an earlier run prepared from the same mesh with the same
 * settings is left as it is: each shape has a manifest beside its files, so that shards and threads never share one.
 * @throws NeuralSdfError INVALID_ARGUMENT (bad names, shard or threads, two meshes of one name), WRITE_FAILED for the split file,
 * BACKEND_UNAVAILABLE when threads cannot be had
 */
export async function prepareMeshes(
  files: readonly string[],
  outDir: string,
  options: Partial<PrepareOptions> = {},
  onProgress?: (progress: PrepareProgress) => void,
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
  if (!(Number.isInteger(settings.threads) && settings.threads >= 1)) {
    throw new NeuralSdfError('INVALID_ARGUMENT', `threads is ${settings.threads}, it must be a whole number above 0`, {
      threads: settings.threads,
    });
  }
  const { poses, ...perMesh } = settings;
  const poseOf = (name: string) => (poses && Object.hasOwn(poses, name) ? poses[name] : undefined);
  const jobs = all
    .filter((_, i) => i % shards === shard)
    .map((job) => ({ ...job, options: { ...perMesh, pose: poseOf(job.instance.name) } }));
  const meshes = await prepareAll(jobs, outDir, settings.threads, onProgress);
  const succeeded = meshes.filter((mesh) => !mesh.error).map((mesh) => mesh.instance);
  const rejected = meshes.filter((mesh) => mesh.error?.code === 'SHAPE_REJECTED').length;
  const splitFile = join(outDir, shards > 1 ? `split-${shard}-of-${shards}.json` : 'split.json');
  await writeFileAtomic(splitFile, `${JSON.stringify(splitOf(succeeded), undefined, 2)}\n`);
  const withoutPose = poses ? jobs.filter((job) => !job.options.pose).map((job) => job.instance.name) : [];
  return { meshes, failed: meshes.length - succeeded.length - rejected, rejected, withoutPose, splitFile };
}

interface Job {
  readonly file: string;
  readonly instance: Instance;
  readonly options: PrepareMeshOptions;
}

/** In the order of the jobs, whichever ends first. */
async function prepareAll(
  jobs: readonly Job[],
  outDir: string,
  threadCount: number,
  onProgress?: (progress: PrepareProgress) => void,
): Promise<PreparedMesh[]> {
  const done = new Float64Array(jobs.length);
  const meshes: PreparedMesh[] = [];
  const queue = jobs.entries();
  const workers = Math.min(threadCount, jobs.length);
  const threads = workers > 1 ? new PrepareThreads() : undefined;
  // Each takes the next job from one queue, until it is empty.
  const work = async () => {
    for (const [index, { file, instance, options }] of queue) {
      const report = (share: number) => {
        done[index] = share;
        onProgress?.({ file, index, count: jobs.length, done: share, share: done.reduce((sum, value) => sum + value, 0) / jobs.length });
      };
      meshes[index] = await (threads?.prepare ?? prepareMesh)(file, instance, outDir, options, report);
      report(1);
    }
  };
  try {
    await Promise.all(Array.from({ length: workers }, work));
  } finally {
    await threads?.stop();
  }
  return meshes;
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
