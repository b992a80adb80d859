import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import type { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { NeuralSdfError } from '../../src/errors.js';
import { BAKE_FORMS } from '../../src/gpu/choose-bake.js';
import type { TraceOptions } from '../shape/trace-options.js';

/** When the baked mesh is shown: only while there is nothing to trace with, instead of the traced shape, or as wires over it. */
export const SHOW_BAKED = ['never', 'always', 'overlay'] as const;
export type ShowBaked = (typeof SHOW_BAKED)[number];

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

/** The options that are numbers, with the least and the most that each may be. */
const RANGES = {
  gridResolution: [4, 64],
  maxEvaluations: [1, 4096],
  brickResolution: [1, 512],
  targetFrameTime: [0, Number.MAX_VALUE],
  lodPixels: [0, Number.MAX_VALUE],
} as const;
const FLAGS = ['live', 'autoBake'] as const;

/** Options that say how a mesh behaves rather than what it is: what a serialised mesh keeps of them. */
export type KeptOptions = Pick<NeuralSdfMeshOptions, keyof typeof RANGES | (typeof FLAGS)[number] | 'bake'>;

/** Those among a mesh's options, or among what stands in their place in a file. */
export function keptOptions(options: object): KeptOptions {
  const names = [...Object.keys(RANGES), ...FLAGS, 'bake'];
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => names.includes(name) && value !== undefined));
}

/**
 * @param name the mesh's, for the message
 * @throws NeuralSdfError INVALID_ARGUMENT with the option's name
 */
export function checkOptions(name: string, options: KeptOptions): void {
  const refuse = (option: string, value: unknown, wanted: string): never => {
    throw new NeuralSdfError('INVALID_ARGUMENT', `mesh "${name}": ${option} must be ${wanted}, not ${String(value)}`, { option, value });
  };
  for (const [option, [least, most]] of Object.entries(RANGES)) {
    const value: unknown = options[option as keyof typeof RANGES];
    if (value === undefined) continue;
    const isCount = option !== 'targetFrameTime' && option !== 'lodPixels';
    const fits = typeof value === 'number' && value >= least && value <= most && (!isCount || Number.isInteger(value));
    if (!fits) refuse(option, value, isCount ? `a whole number from ${least} to ${most}` : 'a finite number, 0 or more');
  }
  for (const option of FLAGS) {
    const value: unknown = options[option];
    if (value !== undefined && typeof value !== 'boolean') refuse(option, value, 'true or false');
  }
  const { bake = 'auto' } = options;
  if (bake !== 'auto' && !BAKE_FORMS.includes(bake)) refuse('bake', bake, `'auto' or one of ${BAKE_FORMS.join(', ')}`);
}

/** @throws NeuralSdfError INVALID_ARGUMENT */
export function checkShowBaked(name: string, value: unknown): asserts value is ShowBaked {
  if (SHOW_BAKED.includes(value as ShowBaked)) return;
  throw new NeuralSdfError('INVALID_ARGUMENT', `mesh "${name}": showBaked must be one of ${SHOW_BAKED.join(', ')}, not ${String(value)}`);
}
