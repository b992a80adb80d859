import { GlbWriter } from '../asset/glb-writer.js';
import type { TriangleMesh } from '../mesh.js';

/**
 * A plain .glb of one mesh, such as a collider: any glTF reader takes it.
 * @param name of the mesh and its node
 * @throws NeuralSdfError MESH_EMPTY, MESH_INVALID, MESH_NOT_FINITE
 */
export function writeMeshGlb(mesh: TriangleMesh, name: string): Uint8Array<ArrayBuffer> {
  const writer = new GlbWriter();
  writer.addNode({ name, mesh: writer.addMesh(name, mesh) });
  return writer.finish();
}
