import Module, { type ManifoldToplevel } from 'manifold-3d';
import { beforeAll, describe, expect, it } from 'vitest';
import { binaryPly } from '../../assets/categories/binary-ply.js';
import { buildChair } from '../../assets/categories/chairs/build-chair.js';
import { type ChairDefinition, chairFamily } from '../../assets/categories/chairs/family.js';
import { thinnestPart } from '../../assets/categories/chairs/thinnest-part.js';
import { CHAIR_TYPES } from '../../assets/categories/chairs/types.js';
import { parsePly } from '../../src/dataset/formats/ply.js';
import type { TriangleMesh } from '../../src/mesh.js';
import { Random } from '../../src/random.js';
import { bounds, inwardSpans, isWatertight, judge, radiusOf } from '../support/shape-checks.js';

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
    expect(chairsWhere((mesh) => !isWatertight(mesh))).toEqual([]);
  });

  it('is one connected solid without voids, by the judgement of manifold-3d', () => {
    const wrong = chairsWhere((mesh) => {
      const { status, pieces, volume } = judge(mesh, wasm);
      return status !== 'NoError' || pieces !== 1 || !(volume > 0.004);
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
