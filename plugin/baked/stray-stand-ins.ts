import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { Geometry } from '@babylonjs/core/Meshes/geometry.js';
import { InstancedMesh } from '@babylonjs/core/Meshes/instancedMesh.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { StandInInstance } from '../instances/instances.js';

const standIns = new WeakSet<AbstractMesh>();
const geometries = new WeakSet<Geometry>();

/** Remembers a baked mesh that stands in for a traced one. */
export function markStandIn(mesh: Mesh): void {
  standIns.add(mesh);
  if (mesh.geometry) geometries.add(mesh.geometry);
}

/**
 * AssetContainer.instantiateModelsToScene copies node by node, baked meshes too, though a copied shape makes its own. Before the next frame,
 * when it has its children, a copy loses those.
 */
export function dropStrayStandIns(copy: AbstractMesh): void {
  copy.getScene().onBeforeRenderObservable.addOnce(() => {
    if (copy.isDisposed()) return;
    for (const child of copy.getChildMeshes(true)) if (isStray(child)) child.dispose();
  });
}

function isStray(child: AbstractMesh): boolean {
  if (child instanceof StandInInstance || standIns.has(child)) return false;
  if (child instanceof InstancedMesh) return standIns.has(child.sourceMesh);
  return geometries.has((child as Mesh).geometry!);
}
