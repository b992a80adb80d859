import { familyOf, type ShapeDefinition } from '../family.js';
import type { ChairParameters } from './parameters.js';
import { CHAIR_TYPES } from './types.js';

export type ChairDefinition = ShapeDefinition<ChairParameters>;

/** 124 chairs of twelve types, 16 of them held out. The same seed gives the same chairs. */
export const chairFamily = (seed: number): ChairDefinition[] => familyOf<ChairParameters>(CHAIR_TYPES, seed);
