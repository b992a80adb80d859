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
import type { Draw } from './variety.js';

interface ChairTypeDefinition {
  /** How many of them the family has. */
  readonly count: number;
  /** Numbers, from 1, of those kept from training. */
  readonly heldOut: readonly number[];
  readonly parameters: (draw: Draw) => ChairParameters;
}

/** In the order of the family. */
export const CHAIR_TYPES = {
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
} as const satisfies Record<string, ChairTypeDefinition>;

export type ChairType = keyof typeof CHAIR_TYPES;
