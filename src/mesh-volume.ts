import type { TriangleMesh } from './mesh.js';

/**
 * Volume that a closed, oriented mesh encloses, by the divergence theorem: positive where triangles are counter-clockwise seen from
 * outside, cavities counted off.
 * @returns cubed units of the positions
 */
export function meshVolume({ positions, triangles }: TriangleMesh): number {
  let six = 0;
  for (let t = 0; t < triangles.length; t += 3) six += tripleProduct(positions, triangles[t], triangles[t + 1], triangles[t + 2]);
  return six / 6;
}

/** Six times the signed volume of the tetrahedron that three vertices span with the origin. */
export function tripleProduct(positions: Float32Array, a: number, b: number, c: number): number {
  const [ax, ay, az] = [positions[3 * a], positions[3 * a + 1], positions[3 * a + 2]];
  const [bx, by, bz] = [positions[3 * b], positions[3 * b + 1], positions[3 * b + 2]];
  const [cx, cy, cz] = [positions[3 * c], positions[3 * c + 1], positions[3 * c + 2]];
  return ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
}
