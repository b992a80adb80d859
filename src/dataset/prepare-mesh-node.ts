import { readFile } from 'node:fs/promises';
import { NeuralSdfError } from '../errors.js';
import { Random } from '../random.js';
import { writeInstance } from './folder-node.js';
import { cleanMesh, inspectMesh, type MeshReport } from './inspect-mesh.js';
import { normalizeMesh } from './normalize-mesh.js';
import { orientMesh } from './orient-mesh.js';
import { readMesh } from './read-mesh.js';
import { type SampleShapeOptions, sampleShape } from './sample-shape.js';
import { sampleSurface } from './sample-surface.js';
import { SignedDistanceQuery, type SignMethod } from './signed-distance.js';
import { type Instance, instanceKey } from './split.js';

/** Settings of `prepareMesh`. */
export interface PrepareMeshOptions extends SampleShapeOptions {
  /** Each mesh draws from this seed and its own name: one mesh's samples do not depend on the others. */
  readonly seed: number;
  /** Refuse meshes that are not watertight, instead of warning. */
  readonly strict: boolean;
  /** Surface points with normals kept for evaluation. */
  readonly surfaceCount: number;
}

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

/** @throws NeuralSdfError FILE_NOT_FOUND with the system's reason */
export async function readMeshFile(file: string): Promise<Uint8Array> {
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
