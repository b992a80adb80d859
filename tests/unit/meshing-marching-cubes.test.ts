import ManifoldModule from 'manifold-3d';
import { describe, expect, it } from 'vitest';
import type { TriangleMesh } from '../../src/mesh.js';
import { meshVolume } from '../../src/mesh-volume.js';
import { CASE_TABLE } from '../../src/meshing/case-table.js';
import { marchingCubes } from '../../src/meshing/marching-cubes.js';
import { DenseGrid } from '../../src/meshing/scalar-grid.js';
import { Random } from '../../src/random.js';
import { type Distance, denseGrid, SHAPES } from '../support/analytic-shapes.js';

const manifold3d = await ManifoldModule();
manifold3d.setup();
const { Manifold, Mesh } = manifold3d;

/** Directed edges that are not met by exactly one in the other direction. */
function unpairedEdges({ positions, triangles }: TriangleMesh): number {
  const vertices = positions.length / 3;
  const directed = new Map<number, number>();
  for (let t = 0; t < triangles.length; t += 3) {
    for (let k = 0; k < 3; k++) {
      const key = triangles[t + k] * vertices + triangles[t + ((k + 1) % 3)];
      directed.set(key, (directed.get(key) ?? 0) + 1);
    }
  }
  let unpaired = 0;
  for (const [key, count] of directed) {
    const opposite = directed.get((key % vertices) * vertices + Math.floor(key / vertices));
    if (count !== 1 || opposite !== 1) unpaired++;
  }
  return unpaired;
}

/** Triangles whose corners are not three distinct points. */
function collapsedTriangles({ positions, triangles }: TriangleMesh): number {
  const point = (vertex: number) => positions.subarray(3 * vertex, 3 * vertex + 3).join();
  let collapsed = 0;
  for (let t = 0; t < triangles.length; t += 3) {
    if (new Set([point(triangles[t]), point(triangles[t + 1]), point(triangles[t + 2])]).size < 3) collapsed++;
  }
  return collapsed;
}

function manifoldStatus(mesh: TriangleMesh): { status: string; volume: number } {
  const manifold = new Manifold(new Mesh({ numProp: 3, vertProperties: mesh.positions, triVerts: mesh.triangles }));
  const answer = { status: manifold.status() as string, volume: manifold.volume() };
  manifold.delete();
  return answer;
}

function expectClosed(mesh: TriangleMesh): void {
  expect(mesh.triangles.length).toBeGreaterThan(0);
  expect(unpairedEdges(mesh)).toBe(0);
  expect(collapsedTriangles(mesh)).toBe(0);
  const { status, volume } = manifoldStatus(mesh);
  expect(status).toBe('NoError');
  expect(volume).toBeCloseTo(meshVolume(mesh), 4);
}

describe('case table', () => {
  it('has the triangle counts of the textbook cases, five at most', () => {
    const counts = CASE_TABLE.map((triangles) => triangles.length / 3);
    expect([0b1, 0b11, 0b111, 0b1111, 0b11111110].map((inside) => counts[inside])).toEqual([1, 2, 3, 2, 1]);
    expect(Math.max(...counts)).toBe(5);
    expect([counts[0], counts[255]]).toEqual([0, 0]);
  });
});

describe.each(Object.entries(SHAPES))('marching cubes: %s', (_, { distance, volume, volumeError }) => {
  it.each([32, 64, 128])('is closed, oriented and manifold at %i', (resolution) => {
    const { mesh, closedAtBoundary } = marchingCubes(denseGrid(distance, resolution));
    expect(closedAtBoundary).toBe(false);
    expectClosed(mesh);
    expect(Math.abs(meshVolume(mesh) - volume) / volume).toBeLessThan(volumeError * (2 / resolution) ** 2);
  });
});

describe('marching cubes on hard grids', () => {
  it.each([1, 2, 3, 4, 5])('stays manifold on noise, where every other face is ambiguous (seed %i)', (seed) => {
    const random = new Random(seed);
    const values = Float32Array.from({ length: 25 ** 3 }, () => random.normal());
    const { mesh, closedAtBoundary } = marchingCubes(new DenseGrid(24, 1, values));
    expect(closedAtBoundary).toBe(true);
    expectClosed(mesh);
  });

  it('stays manifold where values are exactly 0, tiny or a mix of signs of both', () => {
    const random = new Random(9);
    const choices = [0, -0, 1e-38, -1e-38, 1, -1, 1e-20, -1e-7];
    const values = Float32Array.from({ length: 25 ** 3 }, () => choices[random.index(choices.length)]);
    expectClosed(marchingCubes(new DenseGrid(24, 1, values)).mesh);
  });

  it('keeps triangles from collapsing where a plane passes through the corners, at 1024 cells as well', () => {
    expectClosed(marchingCubes(denseGrid((x, y, z) => Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) - 0.5, 32)).mesh);
    const resolution = 1024;
    const corner = 1000;
    const blocks = [[corner, corner, corner]] as const;
    const value = (i: number, j: number, k: number) => (i === corner + 1 && j === corner + 1 && k === corner + 1 ? -1e-12 : 1);
    expectClosed(marchingCubes({ resolution, halfExtent: 1, blockSize: 4, activeBlocks: () => blocks, value }).mesh);
  });

  it('closes a level set that leaves the grid, and says so', () => {
    const cut = marchingCubes(denseGrid((x, y, z) => Math.hypot(x - 1, y, z) - 0.5, 32));
    expect(cut.closedAtBoundary).toBe(true);
    expectClosed(cut.mesh);
    expect(meshVolume(cut.mesh) / ((2 / 3) * Math.PI * 0.5 ** 3)).toBeCloseTo(0.98, 1);
    const everything = marchingCubes(denseGrid(() => -1, 32));
    expectClosed(everything.mesh);
    expect(meshVolume(everything.mesh) / 8).toBeCloseTo(0.99, 2);
  });

  it('is empty where nothing is inside', () => {
    const outside: Distance = () => 0;
    expect(marchingCubes(denseGrid(outside, 8)).mesh.triangles).toHaveLength(0);
  });

  it('refuses values of another length', () => {
    expect(() => new DenseGrid(8, 1, new Float32Array(512))).toThrowError(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
  });
});
