import { familyOf, type ShapeDefinition } from '../family.js';
import type { PlaneParameters } from './parameters.js';
import { PLANE_TYPES } from './types.js';

export type PlaneDefinition = ShapeDefinition<PlaneParameters>;

/** 56 planes of eight types, 8 of them held out. The same seed gives the same planes. */
export const planeFamily = (seed: number): PlaneDefinition[] => familyOf<PlaneParameters>(PLANE_TYPES, seed);
