/** From values to places along one axis of a plot. */
export class Scale {
  /**
   * @param domain values at the two ends, positive on a logarithmic scale
   * @param range places of the two ends
   */
  constructor(
    readonly domain: readonly [number, number],
    private readonly _range: readonly [number, number],
    private readonly _kind: 'linear' | 'logarithmic',
  ) {}

  /** A logarithmic scale that holds the values given, with some room around them; at least a factor of two wide. */
  static logarithmic(lowest: number, highest: number, range: readonly [number, number]): Scale {
    const margin = Math.max((highest / lowest) ** 0.08, Math.sqrt((2 * lowest) / highest));
    return new Scale([lowest / margin, highest * margin], range, 'logarithmic');
  }

  at(value: number): number {
    const [low, high] = this.domain;
    const share = this._kind === 'linear' ? (value - low) / (high - low) : Math.log(value / low) / Math.log(high / low);
    return this._range[0] + share * (this._range[1] - this._range[0]);
  }
}

/** Round numbers from 0 to `highest`, about `count` of them. */
export function axisTicks(highest: number, count: number): number[] {
  const raw = highest / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(1, power * (raw / power <= 1 ? 1 : raw / power <= 2 ? 2 : raw / power <= 5 ? 5 : 10));
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, i) => i * step);
}

/** 1, 2 and 5 times powers of ten within a domain; the powers alone where it spans many of them. */
export function logTicks([low, high]: readonly [number, number]): number[] {
  const factors = high / low > 1000 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    ticks.push(...factors.map((factor) => Number(`${factor}e${power}`)));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/** 0.005, 20, 3 k, 1.5 M. */
export function formatTick(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  if (value >= 1e3) return `${value / 1e3} k`;
  return String(value);
}
