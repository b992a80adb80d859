import Module, { type ManifoldToplevel } from 'manifold-3d';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildPlane } from '../../assets/categories/planes/build-plane.js';
import { type PlaneDefinition, planeFamily } from '../../assets/categories/planes/family.js';
import type { PlaneParameters } from '../../assets/categories/planes/parameters.js';
import { thinnestPart } from '../../assets/categories/planes/thinnest-part.js';
import { PLANE_TYPES } from '../../assets/categories/planes/types.js';
import type { TriangleMesh } from '../../src/mesh.js';
import { Random } from '../../src/random.js';
import { bounds, inwardSpans, isWatertight, judge, radiusOf } from '../support/shape-checks.js';

const family = planeFamily(1);
/** A plane, for thickness. */
const RAYS = 25;
let wasm: ManifoldToplevel;
const meshes = new Map<string, TriangleMesh>();

beforeAll(async () => {
  wasm = await Module();
  wasm.setup();
  for (const plane of family) meshes.set(plane.name, buildPlane(plane, wasm));
});

/** Names of the planes for which `wrong` holds: a message that tells which. */
const planesWhere = (wrong: (mesh: TriangleMesh, plane: PlaneDefinition) => boolean): string[] =>
  family.filter((plane) => wrong(meshes.get(plane.name)!, plane)).map(({ name }) => name);

/** Holes that one can look through: each strut beyond the first that ties two parts together closes one. */
function holes({ wing, upper, gear }: PlaneParameters): number {
  const bracing = wing.braced ? 2 : 0;
  const betweenWings = upper.gap > 0 ? 2 * upper.bays + 1 : 0;
  const floats = gear.style === 'floats' ? 2 : 0;
  return bracing + betweenWings + floats;
}

describe('the family', () => {
  it('has 56 planes of distinct names, one of each type held out', () => {
    expect(family.length).toBe(56);
    expect(new Set(family.map(({ name }) => name)).size).toBe(family.length);
    expect(family.filter(({ heldOut }) => heldOut).map(({ type }) => type)).toEqual(Object.keys(PLANE_TYPES));
  });

  it('is the same for the same seed, to the last bit of the meshes, and another for another', () => {
    expect(planeFamily(1)).toEqual(family);
    for (const plane of family.filter((_, i) => i % 11 === 0)) expect(buildPlane(plane, wasm)).toEqual(meshes.get(plane.name));
    const other = planeFamily(2);
    expect(other.filter((plane, i) => JSON.stringify(plane) === JSON.stringify(family[i]))).toEqual([]);
  });

  it('builds for other seeds too', () => {
    for (const plane of planeFamily(77).filter((_, i) => i % 3 === 0)) expect(judge(buildPlane(plane, wasm), wasm).pieces).toBe(1);
  });
});

describe('every mesh', () => {
  it('is one watertight solid; only its struts make holes', () => {
    const wrong = planesWhere((mesh, { parameters }) => {
      const { status, pieces, genus } = judge(mesh, wasm);
      return !isWatertight(mesh) || status !== 'NoError' || pieces !== 1 || genus !== holes(parameters);
    });
    expect(wrong).toEqual([]);
  });

  it('flies toward +z, its fin up, its left like its right', () => {
    const wrong = planesWhere((mesh, { parameters: { fuselage, tail, engines } }) => {
      const { low, high } = bounds(mesh);
      const rearTop = highest(mesh, low[2] + 0.3 * (high[2] - low[2]));
      // Propellers of three blades are all that is not symmetric.
      const symmetric = Math.abs(low[0] + high[0]) < (engines.style === 'wing' ? 0.05 : 2e-3);
      return !symmetric || rearTop < 0.7 * tail.finHeight || high[2] < fuselage.length / 2 - 0.01;
    });
    expect(wrong).toEqual([]);
  });

  it('has 700 to 11,000 triangles', () => {
    expect(planesWhere(({ triangles }) => triangles.length < 3 * 700 || triangles.length > 3 * 11_000)).toEqual([]);
  });

  it('has no part by design that is thinner than 0.038 of the unit sphere', () => {
    expect(planesWhere((mesh, { parameters }) => thinnestPart(parameters) / radiusOf(mesh) < 0.038)).toEqual([]);
  });

  it('is in fact nowhere thin, trailing edges included: inward rays travel at least 0.02 of the unit sphere, but for 0.5 % in corners and at seams', () => {
    const random = new Random(3);
    const thin = family.map(({ name }) => {
      const mesh = meshes.get(name)!;
      const radius = radiusOf(mesh);
      return { name, rays: inwardSpans(mesh, RAYS, random).filter((span) => span < 0.02 * radius).length };
    });
    expect(thin.filter(({ rays }) => rays > 0.1 * RAYS)).toEqual([]);
    expect(thin.reduce((sum, { rays }) => sum + rays, 0)).toBeLessThanOrEqual(0.005 * RAYS * family.length);
  });
});

/** y of the highest point behind z. */
function highest({ positions }: TriangleMesh, z: number): number {
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < positions.length; i += 3) if (positions[i + 2] < z) high = Math.max(high, positions[i + 1]);
  return high;
}
