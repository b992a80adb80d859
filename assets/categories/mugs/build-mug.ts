import type { ManifoldToplevel } from 'manifold-3d';
import type { TriangleMesh } from '../../../src/mesh.js';
import { Workshop } from '../solids/workshop.js';
import type { MugDefinition } from './family.js';
import { addFoot } from './foot.js';
import { addHandle } from './handle.js';
import { addVessel } from './vessel.js';

/**
 * The mug as one connected watertight solid: metres, +y up, the handle toward +x, standing on y = 0. The same definition gives the same mesh.
 * @param wasm manifold-3d, after `setup()`
 * @throws NeuralSdfError MESH_INVALID when the parameters leave a part apart from the rest
 */
export function buildMug({ name, parameters }: MugDefinition, wasm: ManifoldToplevel): TriangleMesh {
  const shop = new Workshop(wasm, { tolerance: 4e-5 });
  addVessel(shop, parameters);
  addFoot(shop, parameters);
  addHandle(shop, parameters);
  return shop.join(name);
}
