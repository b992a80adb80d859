import type { ManifoldToplevel } from 'manifold-3d';
import type { TriangleMesh } from '../../../src/mesh.js';
import { Workshop } from '../solids/workshop.js';
import { addEngines } from './engines.js';
import type { PlaneDefinition } from './family.js';
import { addCanopy, addFuselage } from './fuselage.js';
import { addGear } from './gear.js';
import { addTail } from './tail.js';
import { addWings } from './wings.js';

/**
 * The plane as one connected watertight solid: metres of a two-metre model, +y up, its nose toward +z. The same definition gives the same mesh.
 * @param wasm manifold-3d, after `setup()`
 * @throws NeuralSdfError MESH_INVALID when the parameters leave a part apart from the rest
 */
export function buildPlane({ name, parameters }: PlaneDefinition, wasm: ManifoldToplevel): TriangleMesh {
  const shop = new Workshop(wasm, { tolerance: 5e-4, floor: false });
  addFuselage(shop, parameters);
  addCanopy(shop, parameters);
  addWings(shop, parameters);
  addTail(shop, parameters);
  addEngines(shop, parameters);
  addGear(shop, parameters);
  return shop.join(name);
}
