import type { ChairParameters } from './parameters.js';
import { CHAIR_TYPES, type ChairType } from './types.js';
import { Variety } from './variety.js';

export interface ChairDefinition {
  /** Type and number, such as `rocking-04`; unique and stable. */
  readonly name: string;
  readonly type: ChairType;
  /** Kept from training, to see how well new chairs are fitted. */
  readonly heldOut: boolean;
  readonly parameters: ChairParameters;
}

/** 124 chairs of twelve types, 16 of them held out. The same seed gives the same chairs. */
export function chairFamily(seed: number): ChairDefinition[] {
  return (Object.keys(CHAIR_TYPES) as ChairType[]).flatMap((type) => {
    const { count, heldOut, parameters } = CHAIR_TYPES[type];
    const variety = new Variety(seed, type, count);
    return Array.from({ length: count }, (_, index): ChairDefinition => {
      const number = index + 1;
      return {
        name: `${type}-${String(number).padStart(2, '0')}`,
        type,
        heldOut: (heldOut as readonly number[]).includes(number),
        parameters: parameters(variety.member(index)),
      };
    });
  });
}
