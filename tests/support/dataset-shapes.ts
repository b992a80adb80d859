import type { TriangleMesh } from '../../src/mesh.js';

const meshOf = (positions: number[], triangles: number[]): TriangleMesh => ({
  positions: Float32Array.from(positions),
  triangles: Uint32Array.from(triangles),
});

/** Axis-aligned box around the origin. */
export function boxMesh(hx: number, hy: number, hz: number): TriangleMesh {
  const positions = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [i & 1 ? hx : -hx, i & 2 ? hy : -hy, i & 4 ? hz : -hz]);
  const quads = [
    [0, 4, 6, 2],
    [1, 3, 7, 5],
    [0, 1, 5, 4],
    [2, 6, 7, 3],
    [0, 2, 3, 1],
    [4, 5, 7, 6],
  ];
  return meshOf(
    positions,
    quads.flatMap(([a, b, c, d]) => [a, b, c, a, c, d]),
  );
}

/** A grid that closes on itself both ways; `at` maps angles to a point, its normal outward where d/du x d/dv is. */
function closedGrid(nu: number, nv: number, at: (u: number, v: number) => number[]): TriangleMesh {
  const positions: number[] = [];
  const triangles: number[] = [];
  for (let i = 0; i < nu; i++) {
    for (let j = 0; j < nv; j++) {
      positions.push(...at((2 * Math.PI * i) / nu, (2 * Math.PI * j) / nv));
      const [a, b] = [i * nv + j, ((i + 1) % nu) * nv + j];
      const [c, d] = [((i + 1) % nu) * nv + ((j + 1) % nv), i * nv + ((j + 1) % nv)];
      triangles.push(a, b, c, a, c, d);
    }
  }
  return meshOf(positions, triangles);
}

/** Around the z axis: ring radius, tube radius. */
export function torusMesh(ring: number, tube: number, nu = 64, nv = 32): TriangleMesh {
  return closedGrid(nu, nv, (u, v) => [
    (ring + tube * Math.cos(v)) * Math.cos(u),
    (ring + tube * Math.cos(v)) * Math.sin(u),
    tube * Math.sin(v),
  ]);
}

/** An octahedron split `levels` times: 8 * 4^levels triangles. */
export function sphereMesh(radius: number, levels = 4): TriangleMesh {
  const points = [
    [1, 0, 0],
    [-1, 0, 0],
    [0, 1, 0],
    [0, -1, 0],
    [0, 0, 1],
    [0, 0, -1],
  ];
  let faces = [
    [0, 2, 4],
    [2, 1, 4],
    [1, 3, 4],
    [3, 0, 4],
    [2, 0, 5],
    [1, 2, 5],
    [3, 1, 5],
    [0, 3, 5],
  ];
  const middles = new Map<string, number>();
  const middle = (a: number, b: number): number => {
    const key = a < b ? `${a},${b}` : `${b},${a}`;
    const known = middles.get(key);
    if (known !== undefined) return known;
    const sum = points[a].map((value, axis) => value + points[b][axis]);
    const length = Math.hypot(...sum);
    middles.set(key, points.push(sum.map((value) => value / length)) - 1);
    return points.length - 1;
  };
  for (let level = 0; level < levels; level++) {
    faces = faces.flatMap(([a, b, c]) => {
      const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
      return [
        [a, ab, ca],
        [b, bc, ab],
        [c, ca, bc],
        [ab, bc, ca],
      ];
    });
  }
  return meshOf(
    points.flat().map((value) => value * radius),
    faces.flat(),
  );
}

/** The triangles for which `keep` holds, by the number of the triangle. */
export function keepTriangles(mesh: TriangleMesh, keep: (triangle: number) => boolean): TriangleMesh {
  return { positions: mesh.positions, triangles: mesh.triangles.filter((_, i) => keep(Math.floor(i / 3))) };
}

export function joinMeshes(...meshes: TriangleMesh[]): TriangleMesh {
  const positions: number[] = [];
  const triangles: number[] = [];
  for (const mesh of meshes) {
    const base = positions.length / 3;
    positions.push(...mesh.positions);
    for (const vertex of mesh.triangles) triangles.push(base + vertex);
  }
  return meshOf(positions, triangles);
}

export function moved(mesh: TriangleMesh, by: readonly number[], scale = 1): TriangleMesh {
  return { positions: mesh.positions.map((value, i) => value * scale + by[i % 3]), triangles: mesh.triangles };
}
