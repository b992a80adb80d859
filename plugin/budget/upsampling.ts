import type { BaseTexture } from '@babylonjs/core/Materials/Textures/baseTexture.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { SubMesh } from '@babylonjs/core/Meshes/subMesh.js';

/** What a mesh's shaders need to know of its frame budget. */
export interface Upsampling {
  /** Tells meshes apart in the visibility texture; 1 or more. */
  readonly identity: number;
  /** Babylon's render pass under which the mesh is drawn from the visibility texture instead of traced. */
  readonly passId: number;
  /** The visibility texture to draw from. */
  readonly texture: BaseTexture | null;
}

const perMesh = new WeakMap<AbstractMesh, Upsampling>();

export function setUpsampling(mesh: AbstractMesh, upsampling: Upsampling | undefined): void {
  if (upsampling) perMesh.set(mesh, upsampling);
  else perMesh.delete(mesh);
}

/** Whether the pass being drawn takes the mesh from the visibility texture. */
export function isUpsampled(mesh: AbstractMesh): boolean {
  return perMesh.get(mesh)?.passId === mesh.getEngine().currentRenderPassId;
}

/** Hands the shader that a sub mesh is about to be drawn with what it declares of upsampling; nothing, mostly. */
export function bindUpsampling(subMesh: SubMesh): void {
  const upsampling = perMesh.get(subMesh.getMesh());
  if (!upsampling) return;
  if (!isUpsampled(subMesh.getMesh())) return;
  subMesh.effect?.setFloat('sdfIdentity', upsampling.identity);
  subMesh.effect?.setTexture('sdfVisibility', upsampling.texture);
}
