import type { Normalization } from '../asset/neural-shapes.js';
import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';
import { cleanMesh } from './inspect-mesh.js';
import { normalizeMesh } from './normalize-mesh.js';
import { orientMesh } from './orient-mesh.js';
import { applyPose, type Pose } from './poses.js';

/** A mesh ready to be sampled. */
export interface ConditionedMesh {
  /** Within the unit sphere. */
  readonly mesh: TriangleMesh;
  /** From the turned mesh to the model's units. */
  readonly normalization: Normalization;
  /** For people: what was changed. */
  readonly warnings: readonly string[];
}

/**
 * Cleans, turns upright, orients and normalises a mesh as it was read. The pose belongs to the mesh: it is applied first, and the
 * normalisation leads back to the turned mesh, which is all that DeepSDF's files can say.
 * @param name for messages
 * @throws NeuralSdfError MESH_EMPTY, MESH_INVALID
 */
export function conditionMesh(read: TriangleMesh, name: string, pose?: Pose): ConditionedMesh {
  const warnings: string[] = [];
  const { mesh: clean, droppedTriangles } = cleanMesh(read);
  if (droppedTriangles > 0) warnings.push(`dropped ${droppedTriangles} triangles without area`);
  if (clean.triangles.length === 0) throw new NeuralSdfError('MESH_EMPTY', `${name}: no triangle has an area`, { name });
  const { mesh: oriented, turnedTriangles } = orientMesh(pose ? applyPose(clean, pose) : clean);
  if (turnedTriangles > 0) warnings.push(`turned ${turnedTriangles} triangles to face as their neighbours do`);
  return { ...normalizeMesh(oriented), warnings };
}
