import ManifoldModule from 'manifold-3d';
import { describe, expect, it } from 'vitest';
import type { TriangleMesh } from '../../src/mesh.js';
import { meshVolume } from '../../src/mesh-volume.js';
import { type BakeMeshOptions, bakeMesh } from '../../src/meshing/bake-mesh.js';
import { convexHull } from '../../src/meshing/convex-hull.js';
import { triangleNormals } from '../../src/meshing/gradient-normals.js';
import { simplifyMesh } from '../../src/meshing/simplify-mesh.js';
import { writeMeshGlb } from '../../src/meshing/write-mesh-glb.js';
import { AnalyticEvaluator, type Distance, SHAPES } from '../support/analytic-shapes.js';
import { validateGlb } from '../support/assets.js';

const options: BakeMeshOptions = { resolution: 48, halfExtent: 1, delta: 0.1, stepScale: 1 };
const bake = (distance: Distance, change: Partial<BakeMeshOptions> = {}) =>
  bakeMesh(new AnalyticEvaluator(distance), { ...options, ...change });

const manifold3d = await ManifoldModule();
manifold3d.setup();

function manifoldStatus({ positions, triangles }: TriangleMesh): string {
  const manifold = new manifold3d.Manifold(new manifold3d.Mesh({ numProp: 3, vertProperties: positions, triVerts: triangles }));
  const status = manifold.status();
  manifold.delete();
  return status;
}

/** Least cosine between the normals and a direction per vertex. */
function leastAlignment(mesh: TriangleMesh, direction: (x: number, y: number, z: number) => number[]): number {
  const normals = mesh.normals!;
  let least = 1;
  for (let i = 0; i < normals.length; i += 3) {
    const [x, y, z] = direction(mesh.positions[i], mesh.positions[i + 1], mesh.positions[i + 2]);
    least = Math.min(least, (normals[i] * x + normals[i + 1] * y + normals[i + 2] * z) / Math.hypot(x, y, z));
  }
  return least;
}

describe('baked mesh', () => {
  it('lies on the surface, with normals along the gradient', async () => {
    const { mesh, report } = await bake(SHAPES.torus.distance);
    expect(report).toMatchObject({ resolution: 48, components: 1, closedAtBoundary: false, triangles: mesh.triangles.length / 3 });
    expect(report.volume / SHAPES.torus.volume).toBeCloseTo(1, 1);
    for (let i = 0; i < mesh.positions.length; i += 3) {
      expect(Math.abs(SHAPES.torus.distance(mesh.positions[i], mesh.positions[i + 1], mesh.positions[i + 2]))).toBeLessThan(2e-3);
    }
    const outward = (x: number, y: number, z: number) => [x - (0.6 * x) / Math.hypot(x, y), y - (0.6 * y) / Math.hypot(x, y), z];
    expect(leastAlignment(mesh, outward)).toBeGreaterThan(0.999);
    expect(leastAlignment({ ...mesh, normals: triangleNormals(mesh) }, outward)).toBeGreaterThan(0.98);
  });

  it('takes normals from the triangles where the gradient vanishes', async () => {
    // Flat everywhere but for the sign: an evaluator may be as bad as that.
    const { mesh } = await bake((x, y, z) => (Math.hypot(x, y, z) < 0.5 ? -1e-3 : 1e-3), { delta: 1e-3, resolution: 16 });
    expect(leastAlignment(mesh, (x, y, z) => [x, y, z])).toBeGreaterThan(0.5);
    const lengths = Array.from({ length: mesh.normals!.length / 3 }, (_, i) => Math.hypot(...mesh.normals!.subarray(3 * i, 3 * i + 3)));
    expect(Math.min(...lengths)).toBeGreaterThan(0.999);
  });

  it('leaves normals out on request', async () => {
    expect((await bake(SHAPES.sphere.distance, { normals: false })).mesh.normals).toBeUndefined();
  });

  it('counts components, and keeps the largest alone on request', async () => {
    const large: Distance = (x, y, z) => Math.hypot(x + 0.3, y, z) - 0.5;
    const stray: Distance = (x, y, z) => Math.hypot(x - 0.7, y, z) - 0.15;
    const both: Distance = (x, y, z) => Math.min(large(x, y, z), stray(x, y, z));
    const all = await bake(both);
    expect(all.report.components).toBe(2);
    const { mesh, report } = await bake(both, { keepComponents: 'largest' });
    expect(report.components).toBe(2);
    expect(report.volume).toBeCloseTo((await bake(large)).report.volume, 6);
    expect(mesh.normals).toHaveLength(mesh.positions.length);
    expect(Math.max(...mesh.positions)).toBeLessThan(0.55);
    expect(manifoldStatus(mesh)).toBe('NoError');
  });

  it('counts the cavity of a hollow shape off its volume', async () => {
    const { report } = await bake(SHAPES['hollow box with thin walls'].distance, { resolution: 128 });
    expect(report.components).toBe(2);
    expect(report.volume / SHAPES['hollow box with thin walls'].volume).toBeCloseTo(1, 1);
  });

  it('says when it was closed at the boundary', async () => {
    const { mesh, report } = await bake((x, y, z) => Math.hypot(x, y, z) - 1.2);
    expect(report.closedAtBoundary).toBe(true);
    expect(manifoldStatus(mesh)).toBe('NoError');
  });

  it('answers an empty shape with a typed error', async () => {
    await expect(bake(() => 0.5)).rejects.toMatchObject({ code: 'EMPTY_SHAPE', details: { resolution: 48, halfExtent: 1 } });
  });
});

describe('simplified mesh', () => {
  it.each(Object.entries(SHAPES))('%s keeps its volume and stays manifold at a tenth of its triangles', async (_, { distance, volume }) => {
    const { mesh } = await bake(distance, { resolution: 64 });
    const target = Math.round(mesh.triangles.length / 30);
    const simple = await simplifyMesh(mesh, target);
    expect(simple.triangles.length / 3).toBeLessThanOrEqual(target);
    expect(simple.normals).toHaveLength(simple.positions.length);
    expect(new Set(simple.triangles).size).toBe(simple.positions.length / 3);
    expect(manifoldStatus(simple)).toBe('NoError');
    expect(meshVolume(simple) / volume).toBeGreaterThan(0.93);
    expect(meshVolume(simple) / volume).toBeLessThan(1.02);
  });

  it('is the mesh itself where there is nothing to do', async () => {
    const { mesh } = await bake(SHAPES.sphere.distance, { resolution: 8 });
    expect(await simplifyMesh(mesh, 1e6)).toBe(mesh);
  });

  it.each([3, 2.5, Number.NaN])('refuses %d triangles', async (target) => {
    const { mesh } = await bake(SHAPES.sphere.distance, { resolution: 8 });
    await expect(simplifyMesh(mesh, target)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('convex hull', () => {
  it('fills the hole of a torus', async () => {
    const { mesh } = await bake(SHAPES.torus.distance);
    const hull = await convexHull(mesh);
    expect(manifoldStatus(hull)).toBe('NoError');
    // A disc of radius 0.6 and height 0.4, and half a torus around it (Pappus, centroid of the half disc at 4 r / 3 pi).
    const expected = Math.PI * 0.6 ** 2 * 0.4 + 2 * Math.PI * (0.6 + (4 * 0.2) / (3 * Math.PI)) * ((Math.PI * 0.2 ** 2) / 2);
    expect(meshVolume(hull) / expected).toBeCloseTo(1, 1);
    expect((await validateGlb(writeMeshGlb(hull, 'hull'))).issues.messages).toEqual([]);
  });

  it('refuses what has no volume', async () => {
    const flat = { positions: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0), triangles: Uint32Array.of(0, 1, 2) };
    await expect(convexHull(flat)).rejects.toMatchObject({ code: 'MESH_INVALID' });
    await expect(convexHull({ positions: new Float32Array(0), triangles: new Uint32Array(0) })).rejects.toMatchObject({
      code: 'MESH_EMPTY',
    });
  });
});
