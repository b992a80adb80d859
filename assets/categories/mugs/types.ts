import type { TypeDefinition } from '../family.js';
import type { MugParameters } from './parameters.js';
import { barrel } from './types/barrel.js';
import { espresso } from './types/espresso.js';
import { jug } from './types/jug.js';
import { latte } from './types/latte.js';
import { straight } from './types/straight.js';
import { tankard } from './types/tankard.js';
import { tapered } from './types/tapered.js';
import { tumbler } from './types/tumbler.js';

/** In the order of the family. */
export const MUG_TYPES: Readonly<Record<string, TypeDefinition<MugParameters>>> = {
  straight: { count: 7, heldOut: [4], parameters: straight },
  tapered: { count: 7, heldOut: [4], parameters: tapered },
  barrel: { count: 7, heldOut: [4], parameters: barrel },
  espresso: { count: 7, heldOut: [4], parameters: espresso },
  tankard: { count: 7, heldOut: [4], parameters: tankard },
  latte: { count: 7, heldOut: [4], parameters: latte },
  tumbler: { count: 7, heldOut: [4], parameters: tumbler },
  jug: { count: 7, heldOut: [4], parameters: jug },
};
