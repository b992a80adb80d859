/** Tuples this short have instructions of their own. */
const TUPLE_INSTRUCTIONS = [0x29, 0x85, 0x86, 0x87];
const PROTOCOL = 2;
/** Entries between a MARK and its SETITEMS, as in Python's pickler. */
const BATCH = 1000;

/**
 * Writes pickle protocol 2 instruction by instruction, with the memo numbers that Python's own pickler would give, so that the same
 * values give the same bytes as in Python.
 */
export class PickleWriter {
  private readonly _bytes: number[] = [0x80, PROTOCOL];
  private readonly _memo = new Map<string, number>();
  private _memoized = 0;

  integer(value: number): void {
    if (value >= 0 && value < 0x100) this._bytes.push(char('K'), value);
    else if (value >= 0 && value < 0x10000) this._bytes.push(char('M'), value & 0xff, value >> 8);
    else this._uint32('J', value);
  }

  boolean(value: boolean): void {
    this._bytes.push(value ? 0x88 : 0x89);
  }

  string(text: string): void {
    this._once(`text ${text}`, () => {
      const utf8 = new TextEncoder().encode(text);
      this._uint32('X', utf8.length);
      this._bytes.push(...utf8);
    });
  }

  /** A class or function, by name. */
  global(module: string, name: string): void {
    this._once(`global ${module} ${name}`, () => this._bytes.push(...new TextEncoder().encode(`c${module}\n${name}\n`)));
  }

  tuple(...items: (() => void)[]): void {
    if (items.length > 3) this._bytes.push(char('('));
    for (const item of items) item();
    this._bytes.push(TUPLE_INSTRUCTIONS[items.length] ?? char('t'));
    if (items.length > 0) this._put();
  }

  integers(values: readonly number[]): void {
    this.tuple(...values.map((value) => () => this.integer(value)));
  }

  /** Calls a global. */
  reduce(module: string, name: string, ...parameters: (() => void)[]): void {
    this.global(module, name);
    this.tuple(...parameters);
    this._bytes.push(char('R'));
    this._put();
  }

  dict(entries: Iterable<readonly [string, () => void]>): void {
    this._bytes.push(char('}'));
    this._put();
    this.setItems(entries);
  }

  orderedDict(entries: Iterable<readonly [string, () => void]>): void {
    this.reduce('collections', 'OrderedDict');
    this.setItems(entries);
  }

  /** Entries of the dict on top. */
  setItems(entries: Iterable<readonly [string, () => void]>): void {
    const list = [...entries];
    for (let from = 0; from < list.length; from += BATCH) {
      const batch = list.slice(from, from + BATCH);
      const marked = batch.length > 1;
      if (marked) this._bytes.push(char('('));
      for (const [key, value] of batch) {
        this.string(key);
        value();
      }
      this._bytes.push(char(marked ? 'u' : 's'));
    }
  }

  /** Gives the state on top to the object below it. */
  build(): void {
    this._bytes.push(char('b'));
  }

  /** Turns the value on top into a reference to something outside. */
  persistent(): void {
    this._bytes.push(char('Q'));
  }

  finish(): Uint8Array {
    this._bytes.push(char('.'));
    return Uint8Array.from(this._bytes);
  }

  private _once(key: string, write: () => void): void {
    const known = this._memo.get(key);
    if (known === undefined) {
      write();
      this._memo.set(key, this._put());
    } else if (known < 0x100) this._bytes.push(char('h'), known);
    else this._uint32('j', known);
  }

  private _put(): number {
    const index = this._memoized++;
    if (index < 0x100) this._bytes.push(char('q'), index);
    else this._uint32('r', index);
    return index;
  }

  private _uint32(instruction: string, value: number): void {
    this._bytes.push(char(instruction), value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff);
  }
}

const char = (text: string): number => text.charCodeAt(0);
