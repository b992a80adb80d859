import type { TypeDefinition } from '../family.js';
import type { ChairParameters } from './parameters.js';
import { arm } from './types/arm.js';
import { bar } from './types/bar.js';
import { bench } from './types/bench.js';
import { cantilever } from './types/cantilever.js';
import { dining } from './types/dining.js';
import { kids } from './types/kids.js';
import { lounge } from './types/lounge.js';
import { office } from './types/office.js';
import { rocking } from './types/rocking.js';
import { stool } from './types/stool.js';
import { throne } from './types/throne.js';
import { tulip } from './types/tulip.js';

/** In the order of the family. */
export const CHAIR_TYPES: Readonly<Record<string, TypeDefinition<ChairParameters>>> = {
  dining: { count: 12, heldOut: [5, 10], parameters: dining },
  arm: { count: 12, heldOut: [5], parameters: arm },
  office: { count: 12, heldOut: [5, 10], parameters: office },
  lounge: { count: 12, heldOut: [5], parameters: lounge },
  rocking: { count: 12, heldOut: [5, 10], parameters: rocking },
  stool: { count: 10, heldOut: [5], parameters: stool },
  bar: { count: 10, heldOut: [5], parameters: bar },
  cantilever: { count: 10, heldOut: [5], parameters: cantilever },
  tulip: { count: 12, heldOut: [5, 10], parameters: tulip },
  bench: { count: 10, heldOut: [5], parameters: bench },
  throne: { count: 6, heldOut: [3], parameters: throne },
  kids: { count: 6, heldOut: [3], parameters: kids },
};
