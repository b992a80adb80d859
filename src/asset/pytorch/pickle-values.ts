import { refuseCheckpoint } from './byte-cursor.js';

/** What a pickle may hold here. Tuples and lists are both arrays; objects are those that an allowed global makes. */
export type PickleValue = null | boolean | number | bigint | string | Uint8Array | PickleValue[] | PickleObject;

export abstract class PickleObject {
  /** What pickle's BUILD does: `__setstate__`. */
  setState(_state: PickleValue): void {
    refuseCheckpoint(`${this.constructor.name} takes no state`);
  }
}

/** A dict or an OrderedDict. */
export class PickleDict extends PickleObject {
  /** Attributes beside the entries, such as a state dict's `_metadata`. */
  attributes: PickleValue = null;
  // Made when needed: a file of nothing but empty dicts stays cheap.
  private _entries?: Map<PickleValue, PickleValue>;

  get entries(): ReadonlyMap<PickleValue, PickleValue> {
    return this._entries ?? EMPTY;
  }

  set(key: PickleValue, value: PickleValue): void {
    this._entries ??= new Map();
    this._entries.set(key, value);
  }

  /** undefined where absent. */
  get(key: string): PickleValue | undefined {
    return this._entries?.get(key);
  }

  override setState(state: PickleValue): void {
    this.attributes = state;
  }
}

const EMPTY: ReadonlyMap<PickleValue, PickleValue> = new Map();

/** Something that a pickle names instead of holding it: a class or a function. Ours only make values; nothing is looked up or run. */
export class PickleGlobal extends PickleObject {
  /**
   * @param name as in Python, for example 'torch._utils._rebuild_tensor_v2'
   * @param call what calling it makes; not given where it is only referred to
   */
  constructor(
    readonly name: string,
    readonly call?: (parameters: readonly PickleValue[], spend: (items: number) => void) => PickleValue,
  ) {
    super();
  }
}

/** An allow-list: whatever a pickle names that is not here is refused. Keys are Python's dotted names. */
export type PickleGlobals = ReadonlyMap<string, PickleGlobal>;

export function globalsOf(...globals: readonly PickleGlobal[]): PickleGlobals {
  return new Map(globals.map((global) => [global.name, global]));
}

/** `collections.OrderedDict`, empty or from a list of pairs. */
export const ORDERED_DICT = new PickleGlobal('collections.OrderedDict', ([pairs], spend) => {
  const dict = new PickleDict();
  if (pairs === undefined) return dict;
  if (!Array.isArray(pairs)) return refuseCheckpoint('an OrderedDict is made of something other than a list of pairs');
  spend(pairs.length);
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) return refuseCheckpoint('an OrderedDict is made of something other than pairs');
    dict.set(pair[0], pair[1]);
  }
  return dict;
});
