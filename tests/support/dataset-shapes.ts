import type { TriangleMesh } from '../../src/mesh.js';
import type { Random } from '../../src/random.js';

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

/** A tube of radius `tube` along a closed curve. */
function tubeMesh(curve: (u: number) => number[], tube: number, nu: number, nv: number): TriangleMesh {
  return closedGrid(nu, nv, (u, v) => {
    const step = 1e-4;
    const [p, q] = [curve(u), curve(u + step)];
    const tangent = p.map((value, axis) => (q[axis] - value) / step);
    const right = normalized(cross(tangent, [0.2, 0.3, 0.9]));
    const up = normalized(cross(tangent, right));
    return p.map((value, axis) => value + tube * (Math.cos(v) * up[axis] + Math.sin(v) * right[axis]));
  });
}

/** A profile of [radius, height] turned about the y axis; it begins and ends on the axis, and rises on its outer side. */
export function turnedMesh(profile: readonly (readonly [number, number])[], sides = 48): TriangleMesh {
  const rings = profile.slice(1, -1);
  const positions = rings.flatMap(([radius, height]) =>
    Array.from({ length: sides }, (_, j) => (2 * Math.PI * j) / sides).flatMap((angle) => [
      radius * Math.cos(angle),
      height,
      radius * Math.sin(angle),
    ]),
  );
  const at = (ring: number, side: number) => ring * sides + (side % sides);
  const [first, last] = [rings.length * sides, rings.length * sides + 1];
  positions.push(0, profile[0][1], 0, 0, profile[profile.length - 1][1], 0);
  const triangles: number[] = [];
  for (let j = 0; j < sides; j++) {
    triangles.push(first, at(0, j), at(0, j + 1), last, at(rings.length - 1, j + 1), at(rings.length - 1, j));
    for (let i = 0; i + 1 < rings.length; i++) {
      triangles.push(at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j), at(i + 1, j + 1), at(i, j + 1));
    }
  }
  return meshOf(positions, triangles);
}

/** Points of a sphere mesh moved along their directions. */
function swollen(by: (direction: number[]) => number, levels = 4): TriangleMesh {
  const { positions, triangles } = sphereMesh(1, levels);
  const places: number[] = [];
  for (let i = 0; i < positions.length; i += 3) {
    const direction = [...positions.subarray(i, i + 3)];
    places.push(...direction.map((value) => value * by(direction)));
  }
  return meshOf(places, [...triangles]);
}

/** Twelve closed solids: flat and curved, thin, knotted, hollow, with cavities, sharp edges, slivers, and parts that overlap. */
export function closedShapes(): Record<string, TriangleMesh> {
  const inner = sphereMesh(0.35, 3);
  return {
    box: boxMesh(0.5, 0.3, 0.7),
    plate: boxMesh(0.7, 0.6, 0.008),
    sphere: sphereMesh(0.9, 4),
    torus: torusMesh(0.65, 0.25, 64, 32),
    wire: torusMesh(0.8, 0.02, 96, 12),
    knot: tubeMesh(
      (u) => [(2 + Math.cos(3 * u)) * Math.cos(2 * u), (2 + Math.cos(3 * u)) * Math.sin(2 * u), Math.sin(3 * u)],
      0.3,
      240,
      14,
    ),
    bumps: swollen(([x, y, z]) => 0.7 + 0.15 * Math.sin(7 * x) * Math.sin(6 * y + 1) * Math.cos(8 * z)),
    star: swollen(([x, y, z]) => 0.25 + 0.7 * Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) ** 8),
    cup: turnedMesh([
      [0, -0.6],
      [0.4, -0.6],
      [0.5, 0.6],
      [0.45, 0.6],
      [0.36, -0.5],
      [0, -0.5],
    ]),
    cone: turnedMesh(
      [
        [0, -0.5],
        [0.6, -0.5],
        [0.3, 0.1],
        [0, 0.7],
      ],
      200,
    ),
    hollow: joinMeshes(sphereMesh(0.8, 4), { positions: inner.positions, triangles: inner.triangles.slice().reverse() }),
    overlap: joinMeshes(moved(sphereMesh(0.45, 4), [-0.3, 0, 0]), moved(boxMesh(0.4, 0.4, 0.4), [0.2, 0.1, 0])),
  };
}

/** The triangles for which `keep` holds, by the number of the triangle. */
export function keepTriangles(mesh: TriangleMesh, keep: (triangle: number) => boolean): TriangleMesh {
  return { positions: mesh.positions, triangles: mesh.triangles.filter((_, i) => keep(Math.floor(i / 3))) };
}

/** Leaves out a share of the triangles, here and there. */
export function dropTriangles(mesh: TriangleMesh, share: number, random: Random): TriangleMesh {
  const kept = Array.from({ length: mesh.triangles.length / 3 }, () => random.uniform() >= share);
  return keepTriangles(mesh, (t) => kept[t]);
}

/** Cuts holes around random vertices, of all triangles with a corner within `radius`, until a share of the triangles is gone. */
export function cutHoles(mesh: TriangleMesh, share: number, radius: number, random: Random): TriangleMesh {
  const wanted = (1 - share) * mesh.triangles.length;
  let holed = mesh;
  while (holed.triangles.length > wanted) {
    const { positions, triangles } = holed;
    const centre = 3 * triangles[random.index(triangles.length)];
    const away = (vertex: number) => Math.hypot(...[0, 1, 2].map((axis) => positions[3 * vertex + axis] - positions[centre + axis]));
    holed = keepTriangles(holed, (t) => triangles.subarray(3 * t, 3 * t + 3).every((vertex) => away(vertex) > radius));
  }
  return holed;
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

const cross = (a: readonly number[], b: readonly number[]): number[] => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

const normalized = (a: readonly number[]): number[] => a.map((value) => value / Math.hypot(...a));
