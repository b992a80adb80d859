import { join } from 'node:path';
import Module from 'manifold-3d';
import type { TriangleMesh } from '../../../src/mesh.js';
import { writeFileAtomic } from '../../../src/write-file-node.js';
import { buildChair } from './build-chair.js';
import { type ChairDefinition, chairFamily } from './family.js';

/** The seed of the family that `assets/chairs.glb` is trained on. */
export const CHAIR_SEED = 1;

/**
 * Writes every chair as a binary PLY file, `<folder>/train/<name>.ply` or `<folder>/held-out/<name>.ply`.
 * @returns what was written, in the family's order
 * @throws NeuralSdfError WRITE_FAILED
 */
export async function writeChairs(folder: string, seed = CHAIR_SEED): Promise<(ChairDefinition & { path: string })[]> {
  const wasm = await Module();
  wasm.setup();
  const written = [];
  for (const chair of chairFamily(seed)) {
    const path = join(folder, chair.heldOut ? 'held-out' : 'train', `${chair.name}.ply`);
    await writeFileAtomic(path, binaryPly(buildChair(chair, wasm)));
    written.push({ ...chair, path });
  }
  return written;
}

/** Little-endian PLY: float vertices, triangles as lists of three ints. */
export function binaryPly({ positions, triangles }: TriangleMesh): Uint8Array {
  const header = new TextEncoder().encode(
    [
      'ply',
      'format binary_little_endian 1.0',
      `element vertex ${positions.length / 3}`,
      ...['x', 'y', 'z'].map((axis) => `property float ${axis}`),
      `element face ${triangles.length / 3}`,
      'property list uchar int vertex_indices',
      'end_header\n',
    ].join('\n'),
  );
  const bytes = new Uint8Array(header.length + positions.length * 4 + (triangles.length / 3) * 13);
  bytes.set(header);
  const view = new DataView(bytes.buffer);
  let at = header.length;
  for (const value of positions) {
    view.setFloat32(at, value, true);
    at += 4;
  }
  triangles.forEach((vertex, i) => {
    if (i % 3 === 0) view.setUint8(at++, 3);
    view.setInt32(at, vertex, true);
    at += 4;
  });
  return bytes;
}
