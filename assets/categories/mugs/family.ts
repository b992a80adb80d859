import { familyOf, type ShapeDefinition } from '../family.js';
import type { MugParameters } from './parameters.js';
import { MUG_TYPES } from './types.js';

export type MugDefinition = ShapeDefinition<MugParameters>;

/** 56 mugs of eight types, 8 of them held out. The same seed gives the same mugs. */
export const mugFamily = (seed: number): MugDefinition[] => familyOf<MugParameters>(MUG_TYPES, seed);
