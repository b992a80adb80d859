import { Material } from '@babylonjs/core/Materials/material.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { NeuralSdfMesh } from '../mesh/neural-sdf-mesh.js';
import { bakeTriangles, createBakedMesh } from './baked-mesh.js';

export interface ColliderOptions {
  /** Cells along each side of the box; default 48. */
  readonly resolution?: number;
  /** Ends the bake early; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called now and then with the share of the work that is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/**
 * Bakes the current latent code and edits into a hidden mesh for a physics shape, `new PhysicsShapeMesh(collider, scene)`, without
 * blocking the page. It is a child of the traced mesh, so it moves with it; an edited latent asks for a new one.
 * @returns never drawn; dispose it when done
 * @throws NeuralSdfError EMPTY_SHAPE, RESOLUTION_TOO_LARGE
 */
export async function createCollider(mesh: NeuralSdfMesh, options: ColliderOptions = {}): Promise<Mesh> {
  const { resolution = 48, signal, onProgress } = options;
  const triangles = await bakeTriangles(mesh.shapes, mesh.latent, resolution, { normals: false, edits: mesh.editPlan, signal, onProgress });
  const scene = mesh.getScene();
  // Babylon's Havok plugin turns triangles over in left-handed scenes, for its own meshes are wound that way, and a mirroring
  // transform (glTF's root has one there) turns them over once more: what reaches Havok must face outwards.
  const turned = scene.useRightHandedSystem === mesh.computeWorldMatrix(true).determinant() < 0;
  const indices = turned ? triangles.triangles.toReversed() : triangles.triangles;
  const collider = createBakedMesh(`${mesh.name} collider`, { positions: triangles.positions, triangles: indices }, scene);
  if (turned) {
    const { ClockWiseSideOrientation, CounterClockWiseSideOrientation } = Material;
    collider.sideOrientation =
      collider.sideOrientation === ClockWiseSideOrientation ? CounterClockWiseSideOrientation : ClockWiseSideOrientation;
  }
  collider.parent = mesh;
  collider.isVisible = false;
  collider.isPickable = false;
  return collider;
}
