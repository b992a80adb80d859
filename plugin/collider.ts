import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { bakeTriangles, createBakedMesh } from './baked-mesh.js';
import type { NeuralSdfMesh } from './neural-sdf-mesh.js';

export interface ColliderOptions {
  /** Cells along each side of the box; default 48. */
  readonly resolution?: number;
  /** Ends the bake early; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called now and then with the share of the work that is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/**
 * Bakes the current latent code into a hidden mesh for a physics shape, `new PhysicsShapeMesh(collider, scene)`, without
 * blocking the page. It is a child of the traced mesh, so it moves with it; an edited latent asks for a new one.
 * @returns never drawn; dispose it when done
 * @throws NeuralSdfError EMPTY_SHAPE, RESOLUTION_TOO_LARGE
 */
export async function createCollider(mesh: NeuralSdfMesh, options: ColliderOptions = {}): Promise<Mesh> {
  const { resolution = 48, signal, onProgress } = options;
  const triangles = await bakeTriangles(mesh.shapes, mesh.latent, resolution, { normals: false, signal, onProgress });
  const collider = createBakedMesh(`${mesh.name} collider`, triangles, mesh.getScene());
  collider.parent = mesh;
  collider.isVisible = false;
  collider.isPickable = false;
  return collider;
}
