import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { loadNormalization, loadSamples, loadSurfaceSamples } from '../dataset/folder-node.js';
import { cleanMesh } from '../dataset/inspect-mesh.js';
import { preparedPose } from '../dataset/manifest-node.js';
import { applyNormalization } from '../dataset/normalize-mesh.js';
import { orientMesh } from '../dataset/orient-mesh.js';
import { applyPose } from '../dataset/poses.js';
import { readMeshFile } from '../dataset/prepare-mesh-node.js';
import { MESH_FORMATS, readMesh } from '../dataset/read-mesh.js';
import { sampleSurface } from '../dataset/sample-surface.js';
import type { ShapeSamples } from '../dataset/samples.js';
import { SignedDistanceQuery } from '../dataset/signed-distance.js';
import { type Instance, instanceKey } from '../dataset/split.js';
import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';
import type { Random } from '../random.js';
import { whyUnreadable } from '../why-unreadable.js';
import { CHAMFER_POINTS, median } from './known-shapes.js';
import type { TrueSurface } from './surface-figures.js';

/** Samples that a mesh is held against. */
const CHECKED_SAMPLES = 1000;
/** A mesh in the samples' own pose stays far below this, even where the samples carry noise; one in another pose does not. */
const POSE_TOLERANCE = 0.02;

/** Finds mesh files by the name of the shape they are of. */
export interface MeshFinder {
  /** @returns undefined where there is none */
  find(instance: Instance): string | undefined;
}

/** Looks through a folder and those below it. @throws NeuralSdfError FILE_NOT_FOUND */
export async function findMeshes(folder: string): Promise<MeshFinder> {
  const files = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new NeuralSdfError(
      'FILE_NOT_FOUND',
      `cannot read ${folder}: ${whyUnreadable(error)}`,
      { folder, reason: error.code },
      { cause: error },
    );
  });
  const byName = new Map<string, string>();
  for (const file of files.filter((name) => MESH_FORMATS.includes(extname(name).slice(1).toLowerCase())).sort()) {
    const name = basename(file, extname(file));
    // A class's own folder tells shapes of one name apart.
    for (const key of [name, `${basename(dirname(join(folder, file)))}/${name}`]) if (!byName.has(key)) byName.set(key, join(folder, file));
  }
  return { find: ({ className, name }) => byName.get(`${className}/${name}`) ?? byName.get(name) };
}

/**
 * The true surface of a prepared shape, model units: points drawn from its mesh where there is one, its SurfaceSamples otherwise.
 * @param meshFile in the units of the mesh that was prepared, or in model units: the shape's signed distance samples tell which
 * @throws NeuralSdfError FILE_NOT_FOUND when there is neither, MESH_INVALID for a mesh that is not the one that was prepared, and what
 * reading them throws
 */
export async function loadTrueSurface(
  root: string,
  instance: Instance,
  meshFile: string | undefined,
  random: Random,
): Promise<TrueSurface> {
  if (meshFile !== undefined) {
    const mesh = await loadMesh(root, instance, meshFile);
    return { samples: sampleSurface(mesh, CHAMFER_POINTS, random), mesh };
  }
  const samples = await loadSurfaceSamples(root, instance);
  if (samples && samples.points.length > 0) return { samples };
  const key = instanceKey(instance);
  throw new NeuralSdfError('FILE_NOT_FOUND', `${key} has no surface samples in ${root}: give its mesh with --meshes, or prepare it again`, {
    root,
    instance: key,
  });
}

async function loadMesh(root: string, instance: Instance, file: string): Promise<TriangleMesh> {
  const read = await readMesh(await readMeshFile(file), file);
  const { mesh: original } = orientMesh(cleanMesh(read).mesh);
  const [pose, normalization] = [await preparedPose(root, instance), await loadNormalization(root, instance)];
  const { samples } = await loadSamples(root, instance);
  const poses = [original, ...(pose ? [applyPose(original, pose)] : [])];
  const candidates = [...poses, ...(normalization ? poses.map((mesh) => applyNormalization(mesh, normalization)) : [])];
  const deviations = candidates.map((mesh) => deviation(mesh, samples));
  const best = Math.min(...deviations);
  if (!(best < POSE_TOLERANCE)) {
    throw new NeuralSdfError(
      'MESH_INVALID',
      `${file}: not the mesh that ${instanceKey(instance)} was sampled from, or turned: its distances are off by ${best.toPrecision(2)} (median)`,
      { file, deviation: best },
    );
  }
  return candidates[deviations.indexOf(best)];
}

/** Median difference between the distances that samples say and those that the mesh says. */
function deviation(mesh: TriangleMesh, { positive, negative }: ShapeSamples): number {
  const query = new SignedDistanceQuery(mesh, 'winding-number');
  const differences: number[] = [];
  for (const rows of [positive, negative]) {
    const stride = 4 * Math.max(1, Math.floor(rows.length / 4 / (CHECKED_SAMPLES / 2)));
    for (let at = 0; at < rows.length; at += stride) {
      differences.push(Math.abs(query.unsignedDistance(rows[at], rows[at + 1], rows[at + 2]) - Math.abs(rows[at + 3])));
    }
  }
  return median(differences);
}
