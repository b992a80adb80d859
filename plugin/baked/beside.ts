import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';

/** Makes a mesh where another one is: in the scene, or in the asset container that holds the other. */
export function createBeside<T extends AbstractMesh>(owner: AbstractMesh, create: () => T): T {
  const container = owner._parentContainer;
  if (!container) return create();
  const scene = owner.getScene();
  const blocked = scene._blockEntityCollection;
  scene._blockEntityCollection = true;
  try {
    const mesh = create();
    mesh._parentContainer = container;
    container.meshes.push(mesh);
    return mesh;
  } finally {
    scene._blockEntityCollection = blocked;
  }
}
