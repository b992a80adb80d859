import Module, { type ManifoldToplevel } from 'manifold-3d';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildMug } from '../../assets/categories/mugs/build-mug.js';
import { type MugDefinition, mugFamily } from '../../assets/categories/mugs/family.js';
import { thinnestPart } from '../../assets/categories/mugs/thinnest-part.js';
import { MUG_TYPES } from '../../assets/categories/mugs/types.js';
import type { TriangleMesh } from '../../src/mesh.js';
import { Random } from '../../src/random.js';
import { bounds, inwardSpans, isWatertight, judge, radiusOf } from '../support/shape-checks.js';

const family = mugFamily(1);
/** A mug, for thickness. */
const RAYS = 25;
let wasm: ManifoldToplevel;
const meshes = new Map<string, TriangleMesh>();

beforeAll(async () => {
  wasm = await Module();
  wasm.setup();
  for (const mug of family) meshes.set(mug.name, buildMug(mug, wasm));
});

/** Names of the mugs for which `wrong` holds: a message that tells which. */
const mugsWhere = (wrong: (mesh: TriangleMesh, mug: MugDefinition) => boolean): string[] =>
  family.filter((mug) => wrong(meshes.get(mug.name)!, mug)).map(({ name }) => name);

describe('the family', () => {
  it('has 56 mugs of distinct names, one of each type held out', () => {
    expect(family.length).toBe(56);
    expect(new Set(family.map(({ name }) => name)).size).toBe(family.length);
    expect(family.filter(({ heldOut }) => heldOut).map(({ type }) => type)).toEqual(Object.keys(MUG_TYPES));
  });

  it('is the same for the same seed, to the last bit of the meshes, and another for another', () => {
    expect(mugFamily(1)).toEqual(family);
    for (const mug of family.filter((_, i) => i % 11 === 0)) expect(buildMug(mug, wasm)).toEqual(meshes.get(mug.name));
    const other = mugFamily(2);
    expect(other.filter((mug, i) => JSON.stringify(mug) === JSON.stringify(family[i]))).toEqual([]);
  });

  it('builds for other seeds too', () => {
    for (const mug of mugFamily(77).filter((_, i) => i % 3 === 0)) expect(judge(buildMug(mug, wasm), wasm).pieces).toBe(1);
  });
});

describe('every mesh', () => {
  it('is one watertight solid; only its handle makes a hole', () => {
    const wrong = mugsWhere((mesh, { parameters: { handle } }) => {
      const { status, pieces, genus } = judge(mesh, wasm);
      return !isWatertight(mesh) || status !== 'NoError' || pieces !== 1 || genus !== (handle.style === 'none' ? 0 : 1);
    });
    expect(wrong).toEqual([]);
  });

  it('stands on y = 0, is symmetric about z = 0, and points its handle to +x', () => {
    const wrong = mugsWhere((mesh, { parameters: { handle, foot } }) => {
      const { low, high } = bounds(mesh);
      // A saucer hides under it how far the handle reaches; a spout reaches the other way.
      const handled = handle.style === 'none' || foot.style === 'saucer' || high[0] > high[2] + 0.5 * handle.reach;
      return Math.abs(low[1]) > 1e-4 || Math.abs(low[2] + high[2]) > 1e-3 || !handled;
    });
    expect(wrong).toEqual([]);
  });

  it('is hollow: from above one looks into it, down to a floor of about the wall', () => {
    const wrong = mugsWhere((mesh, { parameters: { body, foot } }) => {
      const lift = foot.style === 'none' ? 0 : foot.height;
      const floor = highestOnAxis(mesh) - lift;
      return floor < 0.9 * body.wall || floor > 1.3 * body.wall;
    });
    expect(wrong).toEqual([]);
  });

  it('has 700 to 8,000 triangles', () => {
    expect(mugsWhere(({ triangles }) => triangles.length < 3 * 700 || triangles.length > 3 * 8000)).toEqual([]);
  });

  it('has no part by design that is thinner than 0.055 of the unit sphere', () => {
    expect(mugsWhere((mesh, { parameters }) => thinnestPart(parameters) / radiusOf(mesh) < 0.055)).toEqual([]);
  });

  it('is in fact nowhere thin: inward rays travel at least 0.05 of the unit sphere, but for 0.5 % in corners and at seams', () => {
    const random = new Random(3);
    const thin = family.map(({ name }) => {
      const mesh = meshes.get(name)!;
      const radius = radiusOf(mesh);
      return { name, rays: inwardSpans(mesh, RAYS, random).filter((span) => span < 0.05 * radius).length };
    });
    expect(thin.filter(({ rays }) => rays > 0.1 * RAYS)).toEqual([]);
    expect(thin.reduce((sum, { rays }) => sum + rays, 0)).toBeLessThanOrEqual(0.005 * RAYS * family.length);
  });
});

/** y of the highest surface point on a vertical line a little off the y axis, off which the meshes' own edges lie. */
function highestOnAxis({ positions, triangles }: TriangleMesh): number {
  const [x, z] = [1.7e-4, 0.9e-4];
  let highest = Number.NEGATIVE_INFINITY;
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => positions.subarray(3 * triangles[t + k], 3 * triangles[t + k] + 3));
    const area = (p: ArrayLike<number>, q: ArrayLike<number>) => (p[0] - x) * (q[2] - z) - (p[2] - z) * (q[0] - x);
    const [wa, wb, wc] = [area(b, c), area(c, a), area(a, b)];
    if (Math.sign(wa) !== Math.sign(wb) || Math.sign(wb) !== Math.sign(wc)) continue;
    highest = Math.max(highest, (wa * a[1] + wb * b[1] + wc * c[1]) / (wa + wb + wc));
  }
  return highest;
}
