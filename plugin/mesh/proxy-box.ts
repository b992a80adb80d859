import { VertexBuffer } from '@babylonjs/core/Buffers/buffer.js';
import { CreateBoxVertexData } from '@babylonjs/core/Meshes/Builders/boxBuilder.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { Box } from '../../src/editing/bounds.js';

/** Gives a mesh the geometry of a traced shape: the box that holds it. */
export function createProxyBox(mesh: Mesh, halfExtent: number): void {
  // Wound inside out: culling leaves the far faces, one fragment a pixel even with the camera inside the box.
  CreateBoxVertexData({ size: 2 * halfExtent, sideOrientation: Mesh.BACKSIDE }).applyToMesh(mesh, true);
}

/** Another box, bounding volumes included. */
export function fitProxyBox(mesh: Mesh, { min, max }: Box): void {
  const { positions } = CreateBoxVertexData({ sideOrientation: Mesh.BACKSIDE });
  const corners = Array.from(positions!, (value, i) => (value < 0 ? min[i % 3] : max[i % 3]));
  mesh.updateVerticesData(VertexBuffer.PositionKind, corners, true);
}
