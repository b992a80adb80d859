import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cleanMesh, inspectMesh } from '../../src/dataset/inspect-mesh.js';
import { normalizeMesh } from '../../src/dataset/normalize-mesh.js';
import { orientMesh } from '../../src/dataset/orient-mesh.js';
import { readMesh } from '../../src/dataset/read-mesh.js';
import { readSamples } from '../../src/dataset/samples.js';
import { SignedDistanceQuery } from '../../src/dataset/signed-distance.js';
import { TriangleTree } from '../../src/dataset/triangle-tree.js';
import { FastWindingNumber, windingNumber } from '../../src/dataset/winding-number.js';
import type { TriangleMesh } from '../../src/mesh.js';
import { Random } from '../../src/random.js';
import { boxMesh, joinMeshes, keepTriangles, moved, sphereMesh, torusMesh } from '../support/dataset-shapes.js';

type Vector = [number, number, number];
const inCube = (random: Random, half = 1): Vector => [random.range(-half, half), random.range(-half, half), random.range(-half, half)];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Distance to a segment or, by another road than the code's, to a triangle: plane foot if it is inside, else the three sides. */
function distanceToSegment(p: Vector, a: Vector, b: Vector): number {
  const ab = minus(b, a);
  const t = Math.min(1, Math.max(0, dot(minus(p, a), ab) / (dot(ab, ab) || 1)));
  return Math.hypot(...minus(p, [a[0] + t * ab[0], a[1] + t * ab[1], a[2] + t * ab[2]]));
}

function distanceToTriangle(p: Vector, a: Vector, b: Vector, c: Vector): number {
  const [u, v] = [minus(b, a), minus(c, a)];
  const n: Vector = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const sides = Math.min(distanceToSegment(p, a, b), distanceToSegment(p, b, c), distanceToSegment(p, c, a));
  const nn = dot(n, n);
  if (nn === 0) return sides;
  const ap = minus(p, a);
  const cross = (s: Vector, t: Vector): Vector => [s[1] * t[2] - s[2] * t[1], s[2] * t[0] - s[0] * t[2], s[0] * t[1] - s[1] * t[0]];
  const beta = dot(cross(ap, v), n) / nn;
  const gamma = dot(cross(u, ap), n) / nn;
  return beta >= 0 && gamma >= 0 && beta + gamma <= 1 ? Math.abs(dot(ap, n)) / Math.sqrt(nn) : sides;
}

function bruteForceDistance({ positions, triangles }: TriangleMesh, p: Vector): number {
  const corner = (i: number): Vector => [...positions.subarray(3 * triangles[i], 3 * triangles[i] + 3)] as unknown as Vector;
  let best = Number.POSITIVE_INFINITY;
  for (let t = 0; t < triangles.length; t += 3) best = Math.min(best, distanceToTriangle(p, corner(t), corner(t + 1), corner(t + 2)));
  return best;
}

describe('signed distance', () => {
  it('of a box is exact, at faces, edges and corners, inside and outside', () => {
    const half = [0.5, 0.3, 0.75];
    const query = new SignedDistanceQuery(boxMesh(0.5, Math.fround(0.3), 0.75));
    expect(query.signMethod).toBe('pseudonormal');
    const random = new Random(1);
    for (let i = 0; i < 20_000; i++) {
      const p = inCube(random);
      const q = p.map((value, axis) => Math.abs(value) - Math.fround(half[axis]));
      const exact = Math.hypot(...q.map((value) => Math.max(value, 0))) + Math.min(0, Math.max(...q));
      expect(Math.abs(query.distance(...p) - exact)).toBeLessThan(1e-12);
    }
  });

  it.each([
    ['sphere', sphereMesh(0.7, 5), (p: Vector) => Math.hypot(...p) - 0.7, 7e-4],
    ['torus', torusMesh(0.6, 0.25, 256, 128), (p: Vector) => Math.hypot(Math.hypot(p[0], p[1]) - 0.6, p[2]) - 0.25, 5e-4],
  ] as const)('of a fine %s is the analytic one to its facets', (_, mesh, exact, tolerance) => {
    for (const method of ['pseudonormal', 'winding-number'] as const) {
      const query = new SignedDistanceQuery(mesh, method);
      const random = new Random(2);
      for (let i = 0; i < 3000; i++) {
        const p = inCube(random);
        expect(Math.abs(query.distance(...p) - exact(p))).toBeLessThan(tolerance);
      }
    }
  });

  it('agrees with brute force in float64 to 1e-12, degenerate triangles included', () => {
    const random = new Random(3);
    const positions = Float32Array.from({ length: 300 }, () => random.range(-1, 1));
    const triangles = Uint32Array.from({ length: 600 }, () => random.index(100));
    triangles.set([1, 1, 1, 2, 2, 3, 4, 5, 4, 6, 7, 7]);
    const mesh = { positions, triangles };
    const query = new SignedDistanceQuery(mesh);
    for (let i = 0; i < 500; i++) {
      const p = inCube(random, 2);
      expect(Math.abs(query.unsignedDistance(...p) - bruteForceDistance(mesh, p))).toBeLessThan(1e-12);
      const { point, triangle } = query.closestPoint(...p);
      expect(Math.hypot(...minus(p, point))).toBeCloseTo(query.unsignedDistance(...p), 12);
      expect(bruteForceDistance({ positions, triangles: triangles.subarray(3 * triangle, 3 * triangle + 3) }, point)).toBeLessThan(1e-12);
    }
  });

  it('is 0 on a vertex and right in the batch form', () => {
    const query = new SignedDistanceQuery(boxMesh(0.5, 0.5, 0.5));
    expect([...query.distances(Float32Array.of(0.5, 0.5, 0.5, 0, 0, 0, 0.75, 0, 0))]).toEqual([0, -0.5, 0.25]);
  });

  it('of a mesh that is inside out is that of the mesh turned back', () => {
    const mesh = torusMesh(0.6, 0.2, 24, 12);
    const inverted = { positions: mesh.positions, triangles: mesh.triangles.slice().reverse() };
    const random = new Random(4);
    for (const method of ['pseudonormal', 'winding-number'] as const) {
      const [a, b] = [new SignedDistanceQuery(mesh, method), new SignedDistanceQuery(inverted, method)];
      for (let i = 0; i < 500; i++) {
        const p = inCube(random);
        expect(b.distance(...p)).toBeCloseTo(a.distance(...p), 12);
      }
    }
  });

  it('takes parts that run into each other as their union, and a shell inside as a hollow', () => {
    const left = moved(sphereMesh(0.4, 4), [-0.2, 0, 0]);
    const right = moved(sphereMesh(0.4, 4), [0.2, 0, 0]);
    const union = new SignedDistanceQuery(joinMeshes(left, right));
    expect(union.signMethod).toBe('winding-number');
    // Next to the right sphere's surface, outside it, but deep in the left one.
    expect(union.distance(-0.21, 0, 0)).toBeLessThan(0);
    const inner = sphereMesh(0.2, 4);
    const hollow = joinMeshes(sphereMesh(0.6, 4), { positions: inner.positions, triangles: inner.triangles.slice().reverse() });
    const query = new SignedDistanceQuery(hollow);
    expect(query.distance(0, 0, 0)).toBeCloseTo(0.2, 2);
    expect(query.distance(0.4, 0, 0)).toBeCloseTo(-0.2, 2);
    expect(query.distance(0.8, 0, 0)).toBeCloseTo(0.2, 2);
  });

  it('refuses a mesh without triangles', () => {
    expect(() => new SignedDistanceQuery({ positions: new Float32Array(9), triangles: new Uint32Array(0) })).toThrowError(
      expect.objectContaining({ code: 'MESH_EMPTY' }),
    );
  });
});

describe('winding number', () => {
  const mesh = torusMesh(0.6, 0.25, 96, 48);
  const holed = keepTriangles(mesh, (t) => t % 10 !== 0);
  const random = new Random(5);

  it('of a closed mesh is 1 inside and 0 outside', () => {
    const { corners } = new TriangleTree(mesh);
    expect(windingNumber(corners, 0.6, 0, 0)).toBeCloseTo(1, 10);
    expect(windingNumber(corners, 0, 0, 0)).toBeCloseTo(0, 10);
  });

  it('by clusters is within 0.05 of the exact one, holes or not', () => {
    for (const each of [mesh, holed]) {
      const tree = new TriangleTree(each);
      const fast = new FastWindingNumber(tree);
      for (let i = 0; i < 500; i++) {
        const p = inCube(random);
        expect(Math.abs(fast.at(...p) - windingNumber(tree.corners, ...p))).toBeLessThan(0.05);
      }
    }
  });
});

describe('open and badly oriented meshes', () => {
  const radius = 0.7;
  const sphere = sphereMesh(radius, 5);
  /** Share of points with the sphere's sign, in the cube and, harder, within 0.02 of the surface. */
  const rightShare = (mesh: TriangleMesh, near: boolean): number => {
    const query = new SignedDistanceQuery(mesh);
    expect(query.signMethod).toBe('winding-number');
    const random = new Random(6);
    const count = 4000;
    let right = 0;
    for (let i = 0; i < count; i++) {
      const p = inCube(random);
      const wanted = near ? radius + random.range(-0.02, 0.02) : Math.hypot(...p);
      const scale = wanted / Math.hypot(...p);
      const distance = query.distance(p[0] * scale, p[1] * scale, p[2] * scale);
      right += Number(distance < 0 === wanted < radius);
    }
    return right / count;
  };

  it('a sphere with 2 % of its triangles cut out keeps at least 99 % of its signs', () => {
    const holed = keepTriangles(sphere, (t) => t % 50 !== 0);
    expect(rightShare(holed, false)).toBeGreaterThan(0.99);
    expect(rightShare(holed, true)).toBeGreaterThan(0.99);
  });

  it('a sphere with one hole of 20 degrees keeps at least 99 % of its signs', () => {
    const { positions, triangles } = sphere;
    const open = keepTriangles(sphere, (t) => positions[3 * triangles[3 * t] + 2] < radius * Math.cos(Math.PI / 18));
    expect(inspectMesh(open).boundaryEdges).toBeGreaterThan(20);
    expect(rightShare(open, false)).toBeGreaterThan(0.99);
  });
});

describe('orientation', () => {
  it('turns the minority of each part, and leaves an inner shell a hollow', () => {
    const inner = sphereMesh(0.2, 3);
    const hollow = joinMeshes(sphereMesh(0.6, 3), { positions: inner.positions, triangles: inner.triangles.slice().reverse() });
    const broken = { positions: hollow.positions, triangles: hollow.triangles.slice() };
    const random = new Random(9);
    const turned = new Set(Array.from({ length: 200 }, () => random.index(broken.triangles.length / 3)));
    for (const t of turned) broken.triangles.subarray(3 * t, 3 * t + 3).reverse();
    expect(inspectMesh(broken)).toMatchObject({ boundaryEdges: 0, nonManifoldEdges: 0, watertight: false });
    expect(inspectMesh(broken).inconsistentEdges).toBeGreaterThan(100);
    const { mesh, turnedTriangles } = orientMesh(broken);
    expect(turnedTriangles).toBe(turned.size);
    expect(inspectMesh(mesh)).toMatchObject({ watertight: true, inconsistentEdges: 0, components: 2 });
    const query = new SignedDistanceQuery(mesh);
    expect(query.distance(0, 0, 0)).toBeGreaterThan(0.19);
    expect(query.distance(0.4, 0, 0)).toBeLessThan(-0.19);
  });
});

describe.skipIf(!existsSync('../shared/data/meshes/cup/21.off'))('a real cup (../shared/data)', () => {
  it('is one closed surface, and both ways to a sign agree', async () => {
    const { mesh } = normalizeMesh(cleanMesh(await readMesh(readFileSync('../shared/data/meshes/cup/21.off'), '21.off')).mesh);
    expect(inspectMesh(mesh)).toMatchObject({ watertight: true, components: 1, degenerateTriangles: 0, triangles: 30396 });
    const [a, b] = [new SignedDistanceQuery(mesh), new SignedDistanceQuery(mesh, 'winding-number')];
    expect(a.signMethod).toBe('pseudonormal');
    const random = new Random(8);
    for (let i = 0; i < 3000; i++) {
      const p = inCube(random);
      expect(a.distance(...p)).toBe(b.distance(...p));
    }
    for (let i = 0; i < 5; i++) {
      const p = inCube(random);
      expect(Math.abs(a.unsignedDistance(...p) - bruteForceDistance(mesh, p))).toBeLessThan(1e-12);
    }
  });
});

describe.skipIf(!existsSync('../shared/data/quality/meshes/homer.obj'))("another program's samples (../shared/data)", () => {
  it.each(['spot', 'homer', 'fandisk'])('of %s have the same signs, and distances to 1e-6', async (name) => {
    const mesh = await readMesh(readFileSync(`../shared/data/quality/meshes/${name}.obj`), `${name}.obj`);
    const { samples } = readSamples(readFileSync(`../shared/data/quality/SdfSamples/common3d/mix/${name}.npz`), name);
    const query = new SignedDistanceQuery(mesh);
    for (const rows of [samples.positive, samples.negative]) {
      for (let i = 0; i < rows.length; i += 4 * 20) {
        expect(Math.abs(query.distance(rows[i], rows[i + 1], rows[i + 2]) - rows[i + 3])).toBeLessThan(1e-6);
      }
    }
  });
});
