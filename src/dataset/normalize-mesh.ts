import type { Normalization } from '../asset/neural-shapes.js';
import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';

/** DeepSDF leaves 3 % between the farthest vertex and the unit sphere. */
const BUFFER = 1.03;

/**
 * DeepSDF's pose: the centre of the bounding box to the origin, the farthest vertex to radius 1 / 1.03.
 * normalised = (original + offset) * scale. Vertices that no triangle uses do not count.
 * @throws NeuralSdfError MESH_INVALID when the mesh has no extent
 */
export function normalizeMesh(mesh: TriangleMesh): { mesh: TriangleMesh; normalization: Normalization } {
  const { positions, triangles } = mesh;
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (const vertex of triangles) {
    for (let axis = 0; axis < 3; axis++) {
      low[axis] = Math.min(low[axis], positions[3 * vertex + axis]);
      high[axis] = Math.max(high[axis], positions[3 * vertex + axis]);
    }
  }
  const offset: [number, number, number] = [-(low[0] + high[0]) / 2, -(low[1] + high[1]) / 2, -(low[2] + high[2]) / 2];
  let radius = 0;
  for (const vertex of triangles) {
    const at = 3 * vertex;
    radius = Math.max(radius, Math.hypot(positions[at] + offset[0], positions[at + 1] + offset[1], positions[at + 2] + offset[2]));
  }
  if (!(radius > 0)) throw new NeuralSdfError('MESH_INVALID', 'the mesh has no extent: all its vertices coincide', { radius });
  const scale = 1 / (radius * BUFFER);
  return { mesh: { positions: positions.map((value, i) => (value + offset[i % 3]) * scale), triangles }, normalization: { offset, scale } };
}

/** Applies a known normalisation, for example to compare a mesh with a decoder's shape. */
export function applyNormalization(mesh: TriangleMesh, { offset, scale }: Normalization): TriangleMesh {
  return { positions: mesh.positions.map((value, i) => (value + offset[i % 3]) * scale), triangles: mesh.triangles };
}
