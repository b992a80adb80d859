import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';

/** Per instance, which slot of its mesh's table and grid is traced. */
export const SLOT_ATTRIBUTE = 'sdfSlot';

/** What bears a slot: an instance of a neural shape. */
interface Slotted {
  _slot?: number;
}

/** The slot of an instance; 0, the mesh's own, for all else. */
export function slotOf(mesh: AbstractMesh): number {
  return (mesh as Slotted)._slot ?? 0;
}
