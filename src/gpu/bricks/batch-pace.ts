import type { BatchEvaluator } from './batch-evaluator.js';

/** How long the device may work at a time, milliseconds: a frame comes in between. A watchdog waits for a thousand at least. */
const TARGET = { hardware: 12, software: 80 } as const;
/** Query points before anything was measured. */
const FIRST = { hardware: 1024, software: 64 } as const;
/** The most that a measurement may change the size of a batch by. */
const MOST_GROWTH = 8;

/** Sizes batches by the time that the last ones took, so that none holds the device for long. */
export class BatchPace {
  /** Query points a second; undefined before the first measurement. */
  rate: number | undefined;
  /** The longest that the device was busy at a time, milliseconds, waiting included. */
  longest = 0;
  readonly target: number;
  private _rows: number;
  private _queued = 0;
  private _since = 0;

  constructor(
    private readonly _evaluator: BatchEvaluator,
    isSoftware: boolean,
  ) {
    const kind = isSoftware ? 'software' : 'hardware';
    this.target = TARGET[kind];
    this._rows = Math.min(_evaluator.mostRows, FIRST[kind]);
  }

  /** Query points of the next batch. */
  get rows(): number {
    return this._rows;
  }

  /** Milliseconds that so many take; infinite before anything was measured. */
  timeFor(points: number): number {
    return this.rate === undefined ? Number.POSITIVE_INFINITY : (1000 * points) / this.rate;
  }

  /** To be called before a batch is submitted. */
  begin(): void {
    if (this._queued === 0) this._since = performance.now();
  }

  /** Notes a batch that was submitted. @returns whether the device has enough to do for `budget` milliseconds */
  submitted(points: number, budget = this.target): boolean {
    this._queued += points;
    return this.timeFor(this._queued) >= Math.max(budget, this.target);
  }

  /** Waits for all that was submitted, and learns from it. */
  async settle(): Promise<void> {
    const { isImmediate, device } = this._evaluator;
    const [points, since] = [this._queued, this._since];
    this._queued = 0;
    if (!isImmediate) await device.queue.onSubmittedWorkDone();
    if (points > 0) this._learn(points, Math.max(performance.now() - since, 0.1));
    // Frames that were submitted meanwhile come first, and are not to be measured with the next batch; on the page's own thread, whatever waits.
    await (isImmediate ? new Promise((resolve) => setTimeout(resolve)) : device.queue.onSubmittedWorkDone());
  }

  private _learn(points: number, elapsed: number): void {
    this.longest = Math.max(this.longest, elapsed);
    this.rate = (1000 * points) / elapsed;
    const wanted = (this.rate * this.target) / 1000;
    const growth = Math.min(MOST_GROWTH, wanted / this._rows);
    // A small batch says little about a large one's time.
    this._rows = Math.max(64, Math.min(this._evaluator.mostRows, 64 * Math.floor((this._rows * growth) / 64)));
  }
}
