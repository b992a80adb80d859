import type { Manifold, ManifoldToplevel } from 'manifold-3d';
import type { TriangleMesh } from '../../src/mesh.js';
import type { Random } from '../../src/random.js';

/** What the tests of our shape categories ask of a mesh. */

/** Each edge is passed once in each direction. */
export function isWatertight({ triangles, positions }: TriangleMesh): boolean {
  const count = positions.length / 3;
  const edges = new Set<number>();
  for (let t = 0; t < triangles.length; t += 3) {
    for (let k = 0; k < 3; k++) edges.add(triangles[t + k] * count + triangles[t + ((k + 1) % 3)]);
  }
  if (edges.size !== triangles.length) return false;
  return [...edges].every((edge) => edges.has((edge % count) * count + Math.floor(edge / count)));
}

/** What manifold-3d says of the solid: its pieces, voids included, its volume, and how many handles or holes it has. */
export function judge({ positions, triangles }: TriangleMesh, wasm: ManifoldToplevel) {
  const solid: Manifold = new wasm.Manifold(new wasm.Mesh({ numProp: 3, vertProperties: positions, triVerts: triangles }));
  const pieces = solid.decompose();
  const verdict = { status: solid.status(), pieces: pieces.length, volume: solid.volume(), genus: solid.genus() };
  for (const each of [...pieces, solid]) each.delete();
  return verdict;
}

export function bounds({ positions }: TriangleMesh): { low: number[]; high: number[] } {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  positions.forEach((value, i) => {
    low[i % 3] = Math.min(low[i % 3], value);
    high[i % 3] = Math.max(high[i % 3], value);
  });
  return { low, high };
}

/** Of the sphere around the bounding box's centre, which becomes the unit sphere. */
export function radiusOf(mesh: TriangleMesh): number {
  const { low, high } = bounds(mesh);
  let radius = 0;
  for (let i = 0; i < mesh.positions.length; i += 3) {
    radius = Math.max(radius, Math.hypot(...[0, 1, 2].map((axis) => mesh.positions[i + axis] - (low[axis] + high[axis]) / 2)));
  }
  return radius;
}

/** Lengths of rays that start at random surface points, spread by area, and run inward along the normal until they leave the solid. */
export function inwardSpans({ positions, triangles }: TriangleMesh, count: number, random: Random): number[] {
  const corner = (t: number, k: number) => positions.subarray(3 * triangles[3 * t + k], 3 * triangles[3 * t + k] + 3);
  const faces = triangles.length / 3;
  const normals = new Float64Array(3 * faces);
  const offsets = new Float64Array(faces);
  const areas = new Float64Array(faces);
  let total = 0;
  for (let t = 0; t < faces; t++) {
    const [a, b, c] = [corner(t, 0), corner(t, 1), corner(t, 2)];
    const [ux, uy, uz, vx, vy, vz] = [b[0] - a[0], b[1] - a[1], b[2] - a[2], c[0] - a[0], c[1] - a[1], c[2] - a[2]];
    const n = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    normals.set(n, 3 * t);
    offsets[t] = n[0] * a[0] + n[1] * a[1] + n[2] * a[2];
    total += Math.hypot(...n);
    areas[t] = total;
  }
  return Array.from({ length: count }, () => {
    const at = random.uniform() * total;
    const from = areas.findIndex((sum) => sum > at);
    const [r1, r2] = [Math.sqrt(random.uniform()), random.uniform()];
    const [a, b, c] = [corner(from, 0), corner(from, 1), corner(from, 2)];
    const origin = [0, 1, 2].map((k) => (1 - r1) * a[k] + r1 * (1 - r2) * b[k] + r1 * r2 * c[k]);
    const scale = -1 / Math.hypot(normals[3 * from], normals[3 * from + 1], normals[3 * from + 2]);
    const direction = [0, 1, 2].map((k) => normals[3 * from + k] * scale);
    let nearest = Infinity;
    for (let t = 0; t < faces; t++) {
      const [nx, ny, nz] = [normals[3 * t], normals[3 * t + 1], normals[3 * t + 2]];
      const facing = nx * direction[0] + ny * direction[1] + nz * direction[2];
      if (t === from || facing <= 0) continue;
      const span = (offsets[t] - nx * origin[0] - ny * origin[1] - nz * origin[2]) / facing;
      if (span <= 1e-5 || span >= nearest) continue;
      const hit = [0, 1, 2].map((k) => origin[k] + span * direction[k]);
      if (insideTriangle(hit, corner(t, 0), corner(t, 1), corner(t, 2), normals.subarray(3 * t, 3 * t + 3))) nearest = span;
    }
    return nearest;
  });
}

function insideTriangle(point: number[], ...rest: [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>, ArrayLike<number>]): boolean {
  const [a, b, c, normal] = rest;
  return [
    [a, b],
    [b, c],
    [c, a],
  ].every(([from, to]) => {
    const [ex, ey, ez] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
    const [px, py, pz] = [point[0] - from[0], point[1] - from[1], point[2] - from[2]];
    return (ey * pz - ez * py) * normal[0] + (ez * px - ex * pz) * normal[1] + (ex * py - ey * px) * normal[2] >= 0;
  });
}
