import { type Draw, Variety } from './variety.js';

/** A shape of a category before it is built. */
export interface ShapeDefinition<Parameters> {
  /** Type and number, such as `rocking-04`; unique and stable. */
  readonly name: string;
  readonly type: string;
  /** Kept from training, to see how well new shapes are fitted. */
  readonly heldOut: boolean;
  readonly parameters: Parameters;
}

export interface TypeDefinition<Parameters> {
  /** How many of them the family has. */
  readonly count: number;
  /** Numbers, from 1, of those kept from training. */
  readonly heldOut: readonly number[];
  readonly parameters: (draw: Draw) => Parameters;
}

/** Every shape of every type, in the order of `types`. The same seed gives the same shapes. */
export function familyOf<Parameters>(
  types: Readonly<Record<string, TypeDefinition<Parameters>>>,
  seed: number,
): ShapeDefinition<Parameters>[] {
  return Object.entries(types).flatMap(([type, { count, heldOut, parameters }]) => {
    const variety = new Variety(seed, type, count);
    return Array.from({ length: count }, (_, index) => ({
      name: `${type}-${String(index + 1).padStart(2, '0')}`,
      type,
      heldOut: heldOut.includes(index + 1),
      parameters: parameters(variety.member(index)),
    }));
  });
}
