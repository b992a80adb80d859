import { type Node, Primitive, WebIO } from '@gltf-transform/core';
import { meshError, type RawMesh } from './raw-mesh.js';

const MAGIC = 0x46546c67;

/**
 * Binary glTF 2: all triangle primitives of the default scene, node transforms applied.
 * @throws NeuralSdfError MESH_TRUNCATED, MESH_INVALID, MESH_UNSUPPORTED_FORMAT when the file requires an extension (compressed geometry)
 */
export async function parseGlb(bytes: Uint8Array, name: string): Promise<RawMesh> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 20 || view.getUint32(0, true) !== MAGIC) throw meshError('MESH_INVALID', name, 'does not start with glTF');
  const announced = view.getUint32(8, true);
  if (announced > bytes.length) throw meshError('MESH_TRUNCATED', name, `announces ${announced} bytes, ${bytes.length} are there`);
  const positions: number[] = [];
  const triangles: number[] = [];
  try {
    const root = (await new WebIO().readBinary(bytes)).getRoot();
    const scene = root.getDefaultScene() ?? root.listScenes()[0];
    scene?.traverse((node) => appendNode(node, positions, triangles));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // The library names what it lacks only in its message.
    const code = /required extension/i.test(reason) ? 'MESH_UNSUPPORTED_FORMAT' : 'MESH_INVALID';
    throw meshError(code, name, reason, error);
  }
  return { positions, triangles };
}

function appendNode(node: Node, positions: number[], triangles: number[]): void {
  const m = node.getWorldMatrix();
  const mirrored = m[0] * (m[5] * m[10] - m[6] * m[9]) - m[4] * (m[1] * m[10] - m[2] * m[9]) + m[8] * (m[1] * m[6] - m[2] * m[5]) < 0;
  for (const primitive of node.getMesh()?.listPrimitives() ?? []) {
    const accessor = primitive.getAttribute('POSITION');
    if (!accessor) continue;
    const base = positions.length / 3;
    const corners = cornersOf(primitive, accessor.getCount());
    for (let i = 0, p = [0, 0, 0]; i < accessor.getCount(); i++) {
      p = accessor.getElement(i, p);
      for (let row = 0; row < 3; row++) positions.push(m[row] * p[0] + m[row + 4] * p[1] + m[row + 8] * p[2] + m[row + 12]);
    }
    for (let t = 0; t + 2 < corners.length; t += 3) {
      const [a, b, c] = [corners[t], corners[t + 1], corners[t + 2]];
      triangles.push(base + a, base + (mirrored ? c : b), base + (mirrored ? b : c));
    }
  }
}

/** Corner indices, three a triangle; none for points and lines. An index beyond the primitive's vertices becomes NaN, which is refused later. */
function cornersOf(primitive: Primitive, vertexCount: number): number[] {
  const stored: ArrayLike<number> = primitive.getIndices()?.getArray() ?? Uint32Array.from({ length: vertexCount }, (_, i) => i);
  const indices = Array.from(stored, (index) => (index < vertexCount ? index : Number.NaN));
  const { TRIANGLES, TRIANGLE_STRIP, TRIANGLE_FAN } = Primitive.Mode;
  switch (primitive.getMode()) {
    case TRIANGLES:
      return indices;
    case TRIANGLE_STRIP:
      return indices.slice(2).flatMap((c, i) => (i % 2 === 0 ? [indices[i], indices[i + 1], c] : [indices[i + 1], indices[i], c]));
    case TRIANGLE_FAN:
      return indices.slice(2).flatMap((c, i) => [indices[0], indices[i + 1], c]);
    default:
      return [];
  }
}
