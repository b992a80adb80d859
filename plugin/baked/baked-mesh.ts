import { Material } from '@babylonjs/core/Materials/material.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { VertexData } from '@babylonjs/core/Meshes/mesh.vertexData.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { type DistanceEvaluator, PlainEvaluator } from '../../src/decoder/evaluator.js';
import { normalKinkWidths } from '../../src/decoder/kink-widths.js';
import { bakeEdited } from '../../src/editing/bake-edited.js';
import type { EditPlan } from '../../src/editing/edit-plan.js';
import { EditedField } from '../../src/editing/edited-field.js';
import { NeuralSdfError } from '../../src/errors.js';
import type { TriangleMesh } from '../../src/mesh.js';
import { bakeMesh } from '../../src/meshing/bake-mesh.js';
import { triangleNormals } from '../../src/meshing/gradient-normals.js';
import { createWasmEvaluator } from '../../src/wasm/wasm-evaluator.js';

/** A Babylon mesh of the triangles, whatever material it will wear. */
export function createBakedMesh(name: string, triangles: TriangleMesh, scene: Scene): Mesh {
  const mesh = new Mesh(name, scene);
  applyTriangles(mesh, triangles);
  return mesh;
}

/** Replaces a mesh's geometry. */
export function applyTriangles(mesh: Mesh, { positions, triangles, normals }: TriangleMesh): void {
  const data = new VertexData();
  data.positions = positions;
  data.indices = triangles;
  // Babylon's own ComputeNormals turns with the handedness of the scene.
  data.normals = normals ?? triangleNormals({ positions, triangles });
  data.applyToMesh(mesh);
  // Counter-clockwise outside, as in glTF, which is not how Babylon's own builders wind.
  mesh.sideOrientation = mesh.getScene().useRightHandedSystem
    ? Material.CounterClockWiseSideOrientation
    : Material.ClockWiseSideOrientation;
}

/**
 * A shape's surface, baked on this thread in slices that leave the page alive.
 * @param latent [codeLength]
 * @param resolution cells along each side of the box
 * @param options edits: what was done to the shape, default nothing
 * @throws NeuralSdfError EMPTY_SHAPE, RESOLUTION_TOO_LARGE
 */
export async function bakeTriangles(
  shapes: NeuralShapes,
  latent: Float32Array,
  resolution: number,
  {
    edits,
    ...options
  }: {
    readonly edits?: EditPlan;
    readonly normals?: boolean;
    readonly signal?: AbortSignal;
    readonly onProgress?: (share: number) => void;
  } = {},
): Promise<TriangleMesh> {
  const { delta, stepScale, halfExtent } = shapes;
  const evaluator = await createEvaluator(shapes, latent);
  if (edits) {
    const others = await Promise.all(edits.latents.map((other) => createEvaluator(shapes, other)));
    return bakeEdited(new EditedField(edits, shapes, [evaluator, ...others]), edits, { resolution, stepScale, ...options });
  }
  const { mesh } = await bakeMesh(evaluator, { resolution, halfExtent, delta, stepScale, ...options });
  return mesh;
}

/** WebAssembly where it has SIMD, plain JavaScript elsewhere. */
async function createEvaluator({ decoder, shapes, halfExtent }: NeuralShapes, latent: Float32Array): Promise<DistanceEvaluator> {
  try {
    return await createWasmEvaluator(decoder, latent, { kinkWidths: normalKinkWidths(decoder, shapes[0].latent, halfExtent) });
  } catch (error) {
    if (error instanceof NeuralSdfError && error.code === 'BACKEND_UNAVAILABLE') return new PlainEvaluator(decoder, latent);
    throw error;
  }
}
