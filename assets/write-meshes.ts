import { join } from 'node:path';
import Module from 'manifold-3d';
import { writeFileAtomic } from '../src/write-file-node.js';
import { binaryPly } from './categories/binary-ply.js';
import type { BuildableShape } from './categories.js';

/**
 * Builds every shape and writes it as a binary PLY file, `<folder>/train/<name>.ply` or `<folder>/held-out/<name>.ply`.
 * @returns the paths, in the order of `shapes`
 * @throws NeuralSdfError WRITE_FAILED, MESH_INVALID
 */
export async function writeMeshes(shapes: readonly BuildableShape[], folder: string): Promise<string[]> {
  const wasm = await Module();
  wasm.setup();
  const paths: string[] = [];
  for (const { name, heldOut, build } of shapes) {
    const path = join(folder, heldOut ? 'held-out' : 'train', `${name}.ply`);
    await writeFileAtomic(path, binaryPly(build(wasm)));
    paths.push(path);
  }
  return paths;
}
