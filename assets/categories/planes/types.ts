import type { TypeDefinition } from '../family.js';
import type { PlaneParameters } from './parameters.js';
import { airliner } from './types/airliner.js';
import { biplane } from './types/biplane.js';
import { delta } from './types/delta.js';
import { fighter } from './types/fighter.js';
import { glider } from './types/glider.js';
import { propeller } from './types/propeller.js';
import { seaplane } from './types/seaplane.js';
import { turboprop } from './types/turboprop.js';

/** In the order of the family. */
export const PLANE_TYPES: Readonly<Record<string, TypeDefinition<PlaneParameters>>> = {
  airliner: { count: 7, heldOut: [4], parameters: airliner },
  turboprop: { count: 7, heldOut: [4], parameters: turboprop },
  fighter: { count: 7, heldOut: [4], parameters: fighter },
  delta: { count: 7, heldOut: [4], parameters: delta },
  glider: { count: 7, heldOut: [4], parameters: glider },
  propeller: { count: 7, heldOut: [4], parameters: propeller },
  biplane: { count: 7, heldOut: [4], parameters: biplane },
  seaplane: { count: 7, heldOut: [4], parameters: seaplane },
};
