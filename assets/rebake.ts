import { readFile } from 'node:fs/promises';
import { type NeuralShape, readShapes, writeShapes } from '../src/asset/index.js';
import { normalKinkWidths } from '../src/decoder/kink-widths.js';
import { bakeMesh } from '../src/meshing/index.js';
import { createWasmEvaluator } from '../src/wasm/wasm-evaluator.js';
import { writeFileAtomic } from '../src/write-file-node.js';

/** What `train` and `distill` bake with. */
const RESOLUTION = 64;

/** What baking an asset's meshes anew has changed. */
export interface Rebaked {
  readonly bytes: { readonly before: number; readonly after: number };
  readonly meshes: number;
  /** Meshes whose triangles are the same as before. */
  readonly sameTriangles: number;
  /** Between the normals of those before and after, degrees; mean and largest of all vertices. */
  readonly turned: { readonly mean: number; readonly most: number };
  /** Farthest that a vertex of those has moved, model units. */
  readonly moved: number;
}

/** Bakes the meshes of an asset anew, of the same shapes, where the way that they are baked has changed since it was trained. */
export async function rebake(path: string): Promise<Rebaked> {
  const file = await readFile(path);
  const asset = await readShapes(file);
  const { decoder, delta, halfExtent, shapes, stepScale } = asset;
  const kinkWidths = normalKinkWidths(decoder, shapes[0].latent, halfExtent);
  const evaluator = await createWasmEvaluator(decoder, shapes[0].latent, { kinkWidths });
  const baked: NeuralShape[] = [];
  let [meshes, same, vertices, angles, most, moved] = [0, 0, 0, 0, 0, 0];
  for (const shape of shapes) {
    const { bakedMesh: before, latent } = shape;
    if (!before) {
      baked.push(shape);
      continue;
    }
    evaluator.setLatent(latent);
    const { mesh } = await bakeMesh(evaluator, { resolution: RESOLUTION, halfExtent, delta, stepScale });
    baked.push({ ...shape, bakedMesh: mesh });
    meshes++;
    if (mesh.triangles.length !== before.triangles.length || mesh.triangles.some((corner, i) => corner !== before.triangles[i])) continue;
    same++;
    mesh.positions.forEach((value, i) => {
      moved = Math.max(moved, Math.abs(value - before.positions[i]));
    });
    if (!mesh.normals || !before.normals) continue;
    for (let i = 0; i < mesh.normals.length; i += 3) {
      const cosine = [0, 1, 2].reduce((sum, axis) => sum + mesh.normals![i + axis] * before.normals![i + axis], 0);
      const angle = (180 / Math.PI) * Math.acos(Math.min(1, cosine));
      angles += angle;
      most = Math.max(most, angle);
      vertices++;
    }
  }
  const written = await writeShapes({ ...asset, shapes: baked });
  await writeFileAtomic(path, written);
  const turned = { mean: angles / Math.max(vertices, 1), most };
  return { bytes: { before: file.length, after: written.length }, meshes, sameTriangles: same, turned, moved };
}
