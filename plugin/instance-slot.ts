import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';

/** Per instance, which slot of its mesh's table and grid is traced. */
export const SLOT_ATTRIBUTE = 'sdfSlot';

/** The slot of an instance; 0, the mesh's own, for all else. */
export function slotOf(mesh: AbstractMesh): number {
  return mesh.isAnInstance ? ((mesh.instancedBuffers?.[SLOT_ATTRIBUTE] as number | null | undefined) ?? 0) : 0;
}
