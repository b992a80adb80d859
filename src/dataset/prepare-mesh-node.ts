import { readFile } from 'node:fs/promises';
import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';
import { Random } from '../random.js';
import { whyUnreadable } from '../why-unreadable.js';
import { type ChosenQuery, chooseQuery } from './choose-query.js';
import { conditionMesh } from './condition-mesh.js';
import { removeInstance, writeInstance } from './folder-node.js';
import { inspectMesh, type MeshReport } from './inspect-mesh.js';
import { findPrepared, type PreparationOutcome, preparationKey, removeManifest, writeManifest } from './manifest-node.js';
import type { PreparedMesh, PrepareMeshOptions } from './prepared-mesh.js';
import { readMesh } from './read-mesh.js';
import { sampleShape } from './sample-shape.js';
import { type Instance, instanceKey } from './split.js';

/** Share of the work that looking at a mesh from all around is, about. */
const VIEW_SHARE = 0.15;

/** One mesh, independent of all others: the unit of work for a shard or a thread. Never rejects with a NeuralSdfError: it is in the answer. */
export async function prepareMesh(
  file: string,
  instance: Instance,
  outDir: string,
  options: PrepareMeshOptions,
  onProgress?: (done: number) => void,
): Promise<PreparedMesh> {
  const warnings: string[] = [];
  let report: MeshReport | undefined;
  try {
    const bytes = await readMeshFile(file);
    const key = preparationKey(bytes, options);
    const known = options.force ? undefined : await findPrepared(outDir, instance, key);
    if (known) return { ...answer(file, instance, known), unchanged: true };
    const read = await readMesh(bytes, file);
    report = inspectMesh(read);
    const complaint = describeDefects(report);
    if (complaint && options.strict) throw new NeuralSdfError('MESH_NOT_WATERTIGHT', `${file}: ${complaint}`, { file, ...report });
    if (complaint) warnings.push(options.method === 'multiview' ? complaint : `${complaint}; signs near them are a guess`);
    const { mesh, normalization, warnings: changes } = conditionMesh(read, file, options.pose);
    warnings.push(...changes);
    // From here on the shape's files change: until they are whole, no manifest speaks for them.
    await removeManifest(outDir, instance);
    const chosen = tryQuery(mesh, options, (done) => onProgress?.(VIEW_SHARE * done));
    let outcome: PreparationOutcome;
    if (chosen instanceof NeuralSdfError) {
      await removeInstance(outDir, instance);
      outcome = { report, warnings, rejection: { reason: chosen.message, details: chosen.details } };
    } else {
      const { query, surface, sampleSurface, ...facts } = chosen;
      const from = facts.views ? VIEW_SHARE : 0;
      const random = new Random(options.seed ^ hashName(instanceKey(instance)));
      const samples = sampleShape(query, surface, options, random, (done) => onProgress?.(from + (1 - from) * done));
      await writeInstance(outDir, instance, samples, normalization, sampleSurface(options.surfaceCount, random));
      const { positive, negative, dropped } = samples;
      if (negative.length === 0) warnings.push('no sample lies inside: the surface encloses nothing');
      outcome = { report, ...facts, positive: positive.length / 4, negative: negative.length / 4, dropped, warnings };
    }
    await writeManifest(outDir, instance, key, outcome);
    return answer(file, instance, outcome);
  } catch (error) {
    if (!(error instanceof NeuralSdfError)) throw error;
    return { file, instance, report, warnings, error };
  }
}

/** A shape that is found unfit is an outcome, as any other. */
function tryQuery(mesh: TriangleMesh, options: PrepareMeshOptions, onProgress: (done: number) => void): ChosenQuery | NeuralSdfError {
  try {
    return chooseQuery(mesh, options.method, options, onProgress);
  } catch (error) {
    if (error instanceof NeuralSdfError && error.code === 'SHAPE_REJECTED') return error;
    throw error;
  }
}

function answer(file: string, instance: Instance, { rejection, ...outcome }: PreparationOutcome): PreparedMesh {
  if (!rejection) return { file, instance, ...outcome };
  return { file, instance, ...outcome, error: new NeuralSdfError('SHAPE_REJECTED', `${file}: ${rejection.reason}`, rejection.details) };
}

/** What keeps a mesh from being watertight, with figures; empty when nothing does. */
function describeDefects({ watertight, boundaryEdges, nonManifoldEdges, inconsistentEdges, edges, openShare }: MeshReport): string {
  if (watertight) return '';
  const percent = (openShare * 100).toPrecision(2);
  return (
    `not watertight: ${boundaryEdges} of ${edges} edges open (${percent} %), ${nonManifoldEdges} with more than two triangles, ` +
    `${inconsistentEdges} between triangles of opposite orientation`
  );
}

/** @throws NeuralSdfError FILE_NOT_FOUND with the system's reason */
export async function readMeshFile(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new NeuralSdfError(
      'FILE_NOT_FOUND',
      `cannot read ${file}: ${whyUnreadable(error)}`,
      { file, reason: error.code },
      { cause: error },
    );
  });
}

/** FNV-1a, 32 bits. */
function hashName(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
