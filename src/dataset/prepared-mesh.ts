import type { NeuralSdfError } from '../errors.js';
import type { MeshReport } from './inspect-mesh.js';
import type { MultiViewOptions, ViewReport } from './multi-view-query.js';
import type { Pose } from './poses.js';
import type { SampleShapeOptions } from './sample-shape.js';
import type { SignMethod } from './signed-distance.js';
import type { Instance } from './split.js';

/**
 * How inside is told from outside: by the generalised winding number (`winding`); by what 100 cameras see of the mesh, as DeepSDF
 * does (`multiview`); or, with `auto`, by pseudonormals where the mesh is one closed surface and by the winding number otherwise.
 */
export type PrepareMethod = 'auto' | 'winding' | 'multiview';

export const PREPARE_METHODS: readonly PrepareMethod[] = ['auto', 'winding', 'multiview'];

/** What a shape's files depend on, beside its mesh and its name. */
export interface PrepareSettings extends SampleShapeOptions, MultiViewOptions {
  readonly method: PrepareMethod;
  /** Each mesh draws from this seed and its own name: one mesh's samples do not depend on the others. */
  readonly seed: number;
  /** Refuse meshes that are not watertight, instead of warning. */
  readonly strict: boolean;
  /** Surface points with normals kept for evaluation, at most; with `multiview` those that lie hidden are left out. */
  readonly surfaceCount: number;
  /** The mesh is turned by it before it is normalised. */
  readonly pose?: Pose;
}

/** Settings of `prepareMesh`. */
export interface PrepareMeshOptions extends PrepareSettings {
  /** Prepare again what has not changed. */
  readonly force: boolean;
}

/** What became of one mesh. */
export interface PreparedMesh {
  readonly file: string;
  readonly instance: Instance;
  readonly report?: MeshReport;
  readonly signMethod?: SignMethod | 'multi-view';
  /** Samples written. */
  readonly positive?: number;
  readonly negative?: number;
  /** Samples left out because the surface points next to them disagree on their sign. */
  readonly dropped?: number;
  /** What the cameras saw, with `multiview`. */
  readonly views?: ViewReport;
  /** For people: open edges, dropped triangles. */
  readonly warnings: readonly string[];
  /** Nothing was done: an earlier run prepared the same mesh with the same settings, and this is what it said. */
  readonly unchanged?: true;
  /** Present when this mesh failed or, with SHAPE_REJECTED, was found unfit; nothing of it can be listed then. */
  readonly error?: NeuralSdfError;
}
