import type { ManifoldToplevel } from 'manifold-3d';
import type { TriangleMesh } from '../../../src/mesh.js';
import { Workshop } from '../solids/workshop.js';
import { addArms } from './arms.js';
import { addBack } from './back.js';
import { addBase } from './base.js';
import type { ChairDefinition } from './family.js';
import { addSeat } from './seat.js';

/**
 * The chair as one connected watertight solid: metres, +y up, facing +z, standing on y = 0. The same definition gives the same mesh.
 * @param wasm manifold-3d, after `setup()`
 * @throws NeuralSdfError MESH_INVALID when the parameters leave a part apart from the rest
 */
export function buildChair({ name, parameters }: ChairDefinition, wasm: ManifoldToplevel): TriangleMesh {
  const shop = new Workshop(wasm);
  addSeat(shop, parameters);
  addBack(shop, parameters);
  addBase(shop, parameters);
  addArms(shop, parameters);
  return shop.join(name);
}
