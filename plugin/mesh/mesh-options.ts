import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import type { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { TraceOptions } from '../shape/shared-decoder.js';

/** When the baked mesh is shown: only while there is nothing to trace with, instead of the traced shape, or as wires over it. */
export type ShowBaked = 'never' | 'always' | 'overlay';

export interface NeuralSdfMeshOptions extends TraceOptions {
  /** Index or name of the shape to start with; default 0. */
  readonly shape?: number | string;
  /**
   * What the surface is made of; several meshes of one decoder may share it. Default: a plain PBRMaterial of its own. null: none
   * yet, and nothing is drawn until `material` is set.
   */
  readonly material?: PBRMaterial | StandardMaterial | null;
  /** Sets `targetFrameTime` from the start. */
  readonly targetFrameTime?: number;
  /** A baked mesh that is in the scene already; it becomes a child. Default: made from the shape's baked mesh, if it has one. */
  readonly fallbackMesh?: Mesh;
  /**
   * Height on the screen, in pixels, below which the baked mesh is drawn instead, by a cross-fade that begins at one and a half times that;
   * default 32, 0 for never.
   */
  readonly lodPixels?: number;
  /**
   * Bakes the mesh anew, in the background, a quarter of a second after the last edit of the latent code: for the level of detail, which
   * shows a baked mesh only while it is up to date, and for colliders. Default false; without WebGPU every edit is baked anyway.
   */
  readonly autoBake?: boolean;
}
