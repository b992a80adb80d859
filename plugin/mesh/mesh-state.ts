import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';

/** What a clone takes over by assignment; transforms, animations and what is the shape's own are copied apart. */
const STATE = [
  'receiveShadows',
  'isPickable',
  'checkCollisions',
  'layerMask',
  'renderingGroupId',
  'alphaIndex',
  'visibility',
  'alwaysSelectAsActiveMesh',
  'infiniteDistance',
  'billboardMode',
  'applyFog',
  'metadata',
] as const satisfies readonly (keyof Mesh)[];

/** Gives a mesh another's transform and settings, as Babylon's own clones have them. */
export function copyMeshState(from: Mesh, to: Mesh): void {
  to.position.copyFrom(from.position);
  to.rotation.copyFrom(from.rotation);
  to.scaling.copyFrom(from.scaling);
  to.setPivotMatrix(from.getPivotMatrix(), false);
  for (const key of STATE) (to as unknown as Record<string, unknown>)[key] = from[key];
  to.rotationQuaternion = from.rotationQuaternion?.clone() ?? null;
  to.setEnabled(from.isEnabled(false));
  to.animations = from.animations.map((animation) => animation.clone());
}
