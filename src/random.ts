/** Seeded generator (sfc32, Chris Doty-Humphrey's Small Fast Counter): the same numbers on every machine. */
export class Random {
  private readonly _state: Uint32Array<ArrayBuffer>;
  private _spareNormal: number | undefined;

  constructor(seed: number) {
    this._state = new Uint32Array([seed, seed ^ 0x9e3779b9, 0x85ebca6b, 1]);
    for (let i = 0; i < 15; i++) this.uint32();
  }

  /** Integer in [0, 2^32). */
  uint32(): number {
    const s = this._state;
    const t = (s[0] + s[1] + s[3]) | 0;
    s[3] += 1;
    s[0] = s[1] ^ (s[1] >>> 9);
    s[1] = s[2] + (s[2] << 3);
    s[2] = ((s[2] << 21) | (s[2] >>> 11)) + t;
    return t >>> 0;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.uint32() / 4294967296;
  }

  /** Uniform in [low, high). */
  range(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Integer in [0, count). */
  index(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Standard normal (Marsaglia's polar method). */
  normal(): number {
    if (this._spareNormal !== undefined) {
      const spare = this._spareNormal;
      this._spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const scale = Math.sqrt((-2 * Math.log(s)) / s);
        this._spareNormal = v * scale;
        return u * scale;
      }
    }
  }

  /** Fisher-Yates, in place. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    const list = items as unknown as unknown[];
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.index(i + 1);
      [list[i], list[j]] = [list[j], list[i]];
    }
    return items;
  }

  /** The whole state, six numbers: a generator restored from it goes on exactly where this one was. */
  save(): number[] {
    return [...this._state, this._spareNormal === undefined ? 0 : 1, this._spareNormal ?? 0];
  }

  static restore(saved: readonly number[]): Random {
    const random = new Random(0);
    random._state.set(saved.slice(0, 4));
    random._spareNormal = saved[4] ? saved[5] : undefined;
    return random;
  }
}
