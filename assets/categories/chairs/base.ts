import type { Workshop } from '../solids/workshop.js';
import { addCantilever } from './cantilever.js';
import { addLegs } from './legs.js';
import type { ChairParameters } from './parameters.js';
import { addStar, addTrumpet } from './pedestals.js';
import { addRockers } from './rockers.js';

const BUILDERS = { legs: addLegs, star: addStar, trumpet: addTrumpet, rockers: addRockers, cantilever: addCantilever } as const;

export function addBase(shop: Workshop, chair: ChairParameters): void {
  BUILDERS[chair.base.style](shop, chair);
}
