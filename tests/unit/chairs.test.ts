import Module, { type ManifoldToplevel } from 'manifold-3d';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildChair } from '../../assets/categories/chairs/build-chair.js';
import { type ChairDefinition, chairFamily } from '../../assets/categories/chairs/family.js';
import { thinnestPart } from '../../assets/categories/chairs/thinnest-part.js';
import { CHAIR_TYPES } from '../../assets/categories/chairs/types.js';
import { binaryPly } from '../../assets/categories/chairs/write-chairs.js';
import { parsePly } from '../../src/dataset/formats/ply.js';
import type { TriangleMesh } from '../../src/mesh.js';
import { Random } from '../../src/random.js';

const family = chairFamily(1);
/** A chair, for thickness. */
const RAYS = 25;
let wasm: ManifoldToplevel;
const meshes = new Map<string, TriangleMesh>();

beforeAll(async () => {
  wasm = await Module();
  wasm.setup();
  for (const chair of family) meshes.set(chair.name, buildChair(chair, wasm));
});

const each = (check: (chair: ChairDefinition, mesh: TriangleMesh) => void) => {
  for (const chair of family) check(chair, meshes.get(chair.name)!);
};

/** Names of the chairs for which `wrong` holds: a message that tells which. */
const chairsWhere = (wrong: (mesh: TriangleMesh, chair: ChairDefinition) => boolean): string[] => {
  const names: string[] = [];
  each((chair, mesh) => wrong(mesh, chair) && names.push(chair.name));
  return names;
};

const bounds = ({ positions }: TriangleMesh) => {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  positions.forEach((value, i) => {
    low[i % 3] = Math.min(low[i % 3], value);
    high[i % 3] = Math.max(high[i % 3], value);
  });
  return { low, high };
};

/** Of the sphere around the bounding box's centre, which becomes the unit sphere. */
const radiusOf = (mesh: TriangleMesh): number => {
  const { low, high } = bounds(mesh);
  let radius = 0;
  for (let i = 0; i < mesh.positions.length; i += 3) {
    radius = Math.max(radius, Math.hypot(...[0, 1, 2].map((axis) => mesh.positions[i + axis] - (low[axis] + high[axis]) / 2)));
  }
  return radius;
};

describe('the family', () => {
  it('has at least 112 chairs of distinct names, about one in eight held out', () => {
    expect(family.length).toBeGreaterThanOrEqual(112);
    expect(new Set(family.map((c) => c.name)).size).toBe(family.length);
    for (const { name } of family) expect(name).toMatch(/^[a-z]+-\d\d$/);
    const heldOut = family.filter((c) => c.heldOut);
    expect(heldOut.length).toBeGreaterThanOrEqual(12);
    expect(heldOut.length / family.length).toBeLessThan(0.15);
    expect(new Set(heldOut.map((c) => c.type))).toEqual(new Set(Object.keys(CHAIR_TYPES)));
  });

  it('is the same for the same seed, to the last bit of the meshes, and another for another', () => {
    expect(chairFamily(1)).toEqual(family);
    for (const name of ['office-01', 'lounge-02', 'tulip-06', 'kids-01']) {
      const chair = chairFamily(1).find((c) => c.name === name)!;
      expect(buildChair(chair, wasm)).toEqual(meshes.get(name));
    }
    const other = chairFamily(2);
    expect(other.map((c) => c.name)).toEqual(family.map((c) => c.name));
    expect(other.filter((c, i) => JSON.stringify(c) === JSON.stringify(family[i]))).toEqual([]);
  });

  it('is no chair twice', () => {
    expect(new Set([...meshes.values()].map((m) => `${m.positions.length} ${m.positions.slice(0, 300).join()}`)).size).toBe(family.length);
  });

  it('builds for other seeds too', () => {
    const chairs = chairFamily(77).filter((_, i) => i % 9 === 0);
    for (const chair of chairs) expect(buildChair(chair, wasm).triangles.length).toBeGreaterThan(0);
  });
});

describe('every mesh', () => {
  it('is watertight: each edge is passed once in each direction', () => {
    const wrong = chairsWhere(({ triangles, positions }) => {
      const count = positions.length / 3;
      const edges = new Set<number>();
      for (let t = 0; t < triangles.length; t += 3) {
        for (let k = 0; k < 3; k++) edges.add(triangles[t + k] * count + triangles[t + ((k + 1) % 3)]);
      }
      if (edges.size !== triangles.length) return true;
      return [...edges].some((edge) => !edges.has((edge % count) * count + Math.floor(edge / count)));
    });
    expect(wrong).toEqual([]);
  });

  it('is one connected solid without voids, by the judgement of manifold-3d', () => {
    const wrong = chairsWhere(({ positions, triangles }) => {
      const solid = new wasm.Manifold(new wasm.Mesh({ numProp: 3, vertProperties: positions, triVerts: triangles }));
      const pieces = solid.decompose();
      const bad = solid.status() !== 'NoError' || pieces.length !== 1 || !(solid.volume() > 0.004);
      for (const each of [...pieces, solid]) each.delete();
      return bad;
    });
    expect(wrong).toEqual([]);
  });

  it("has a chair's size, stands on y = 0 and is centred on x = 0", () => {
    const wrong = chairsWhere((mesh) => {
      const { low, high } = bounds(mesh);
      const size = high.map((h, axis) => h - low[axis]);
      return Math.abs(low[1]) > 2e-3 || Math.abs(low[0] + high[0]) > 0.03 || Math.max(...size) > 1.6 || Math.min(...size) < 0.28;
    });
    expect(wrong).toEqual([]);
  });

  it('faces +z: what rises above the seat lies to the rear', () => {
    const wrong = chairsWhere((mesh, { parameters: { back } }) => {
      if (back.style === 'none') return false;
      const { low, high } = bounds(mesh);
      const top = high[1] - 0.05 * (high[1] - low[1]);
      const z: number[] = [];
      for (let i = 0; i < mesh.positions.length; i += 3) if (mesh.positions[i + 1] > top) z.push(mesh.positions[i + 2]);
      return z.reduce((a, b) => a + b) / z.length > -0.1;
    });
    expect(wrong).toEqual([]);
  });

  it('has 700 to 8,000 triangles', () => {
    expect(chairsWhere(({ triangles }) => triangles.length < 3 * 700 || triangles.length > 3 * 8000)).toEqual([]);
  });

  it('has no part by design that is thinner than 0.055 of the unit sphere', () => {
    expect(chairsWhere((mesh, { parameters }) => thinnestPart(parameters) / radiusOf(mesh) < 0.055)).toEqual([]);
  });

  it('is in fact nowhere thin: inward rays travel at least 0.05 of the unit sphere, but for 0.5 % in corners and at seams', () => {
    const random = new Random(3);
    const thin = family.map((chair) => {
      const mesh = meshes.get(chair.name)!;
      const radius = radiusOf(mesh);
      return { name: chair.name, rays: inwardSpans(mesh, RAYS, random).filter((span) => span < 0.05 * radius).length };
    });
    expect(thin.filter(({ rays }) => rays > 0.1 * RAYS)).toEqual([]);
    expect(thin.reduce((sum, { rays }) => sum + rays, 0)).toBeLessThanOrEqual(0.005 * RAYS * family.length);
  });
});

it('its PLY file is read back as the same mesh', () => {
  const mesh = meshes.get('kids-01')!;
  const { positions, triangles } = parsePly(binaryPly(mesh), 'kids-01.ply');
  expect(Float32Array.from(positions)).toEqual(mesh.positions);
  expect(Uint32Array.from(triangles)).toEqual(mesh.triangles);
});

/** Lengths of rays that start at random surface points, spread by area, and run inward along the normal until they leave the solid. */
function inwardSpans({ positions, triangles }: TriangleMesh, count: number, random: Random): number[] {
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
