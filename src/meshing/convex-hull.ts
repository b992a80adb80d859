import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';

/** Volume over the cube of the diagonal below which float32 cannot tell a hull from a plane. */
const FLAT = 1e-7;

/**
 * Convex hull of a mesh's vertices, by manifold-3d: what a physics engine moves fastest.
 * @returns a closed mesh in the same units, counter-clockwise seen from outside
 * @throws NeuralSdfError MESH_EMPTY, MESH_INVALID when all vertices lie in one plane
 */
export async function convexHull({ positions }: TriangleMesh): Promise<TriangleMesh> {
  if (positions.length === 0) throw new NeuralSdfError('MESH_EMPTY', 'convex hull: the mesh has no vertices');
  // Imported when called: a page that never asks loads no wasm.
  const { default: load } = await import('manifold-3d');
  const wasm = await load();
  wasm.setup();
  const points = Array.from({ length: positions.length / 3 }, (_, i): [number, number, number] => [
    positions[3 * i],
    positions[3 * i + 1],
    positions[3 * i + 2],
  ]);
  const hull = wasm.Manifold.hull(points);
  const { vertProperties, triVerts, numProp } = hull.getMesh();
  const { min, max } = hull.boundingBox();
  const diagonal = Math.hypot(max[0] - min[0], max[1] - min[1], max[2] - min[2]);
  const flat = hull.isEmpty() || hull.volume() < FLAT * diagonal ** 3;
  hull.delete();
  if (flat) throw new NeuralSdfError('MESH_INVALID', 'convex hull: all vertices lie in one plane');
  return { positions: vertProperties.filter((_, i) => i % numProp < 3), triangles: triVerts.slice() };
}
