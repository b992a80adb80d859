import { Random } from '../../src/random.js';

/** What one shape asks to become itself. The same key gives the same answer again. */
export interface Draw {
  readonly index: number;
  between(key: string, low: number, high: number): number;
  /** True for `share` of the type's shapes. */
  sometimes(key: string, share: number): boolean;
  oneOf<T>(key: string, choices: readonly T[]): T;
}

/**
 * Draws for the shapes of one type: each parameter takes every part of its range once (Latin hypercube), so that a dozen chairs already spread over
 * all of it, and neighbours in one parameter differ in the others. Each key has a generator of its own: a new parameter leaves the others as they are.
 */
export class Variety {
  private readonly _orders = new Map<string, number[]>();

  constructor(
    private readonly _seed: number,
    private readonly _type: string,
    private readonly _count: number,
  ) {}

  member(index: number): Draw {
    return {
      index,
      between: (key, low, high) => low + ((high - low) * (this._order(key)[index] + 0.5)) / this._count,
      sometimes: (key, share) => this._order(key)[index] < Math.round(share * this._count),
      oneOf: (key, choices) => choices[this._order(key)[index] % choices.length],
    };
  }

  private _order(key: string): number[] {
    const known = this._orders.get(key);
    if (known) return known;
    const random = new Random(hash(`${this._seed} ${this._type} ${key}`));
    const order = random.shuffle(Array.from({ length: this._count }, (_, i) => i));
    this._orders.set(key, order);
    return order;
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
