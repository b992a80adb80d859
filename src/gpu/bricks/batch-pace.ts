import type { BatchEvaluator } from './batch-evaluator.js';

/** The most that a measurement may change the size of a batch by: a small batch says little about a large one's time. */
const MOST_GROWTH = 4;
/** Batches are of whole multiples of it. */
const ROWS_MULTIPLE = 64;

/** What shows how long batches held what they ran on. */
type Fed = Pick<BatchEvaluator, 'mostRows' | 'feeding' | 'rest'>;

/** Sizes batches by the time that the last ones took, and has as many of them under way as the evaluator is best fed with. */
export class BatchPace {
  /** Query points a second of one lane; undefined before the first measurement. */
  rate: number | undefined;
  /** The longest that the device, or a thread, was busy without others getting their turn, milliseconds. */
  longest = 0;
  private _rows: number;
  private readonly _underWay = new Set<Promise<void>>();
  private _pending = 0;
  /** What was measured since the last lesson. */
  private _points = 0;
  private _milliseconds = 0;
  private _failure: unknown;

  constructor(private readonly _evaluator: Fed) {
    this._rows = Math.min(_evaluator.mostRows, _evaluator.feeding.firstRows);
  }

  /** Query points of the next batch. */
  get rows(): number {
    return this._rows;
  }

  /** Milliseconds that so many take; infinite before anything was measured. */
  timeFor(points: number): number {
    return this.rate === undefined ? Number.POSITIVE_INFINITY : (1000 * points) / (this.rate * this._evaluator.feeding.lanes);
  }

  /** Notes a batch that was handed over. @param batch settles with the milliseconds that it took */
  add(points: number, batch: Promise<number>): void {
    this._pending += points;
    const noted: Promise<void> = batch
      .then(
        (milliseconds) => this._note(points, milliseconds),
        (error: unknown) => {
          this._failure ??= error;
        },
      )
      .finally(() => {
        this._pending -= points;
        this._underWay.delete(noted);
      });
    this._underWay.add(noted);
  }

  /** Whether the next batch had better wait. @param budget milliseconds that may be queued whatever comes after them has to wait */
  isFull(budget = 0): boolean {
    return this._underWay.size >= this._evaluator.feeding.ahead && this.timeFor(this._pending) >= budget;
  }

  /** Waits until there is room for another batch. @throws what a batch has failed with */
  async room(): Promise<void> {
    const { isOrdered } = this._evaluator.feeding;
    // What was queued in order is one piece for whoever waits behind it.
    await (isOrdered ? Promise.all(this._underWay) : Promise.race(this._underWay));
    this._learn();
    await this._evaluator.rest();
  }

  /** Waits for all that is under way. @throws what a batch has failed with */
  async idle(): Promise<void> {
    await Promise.all(this._underWay);
    this._learn();
  }

  private _note(points: number, milliseconds: number): void {
    this._points += points;
    this._milliseconds += milliseconds;
    this.longest = Math.max(this.longest, this._evaluator.feeding.isOrdered ? this._milliseconds : milliseconds);
  }

  private _learn(): void {
    if (this._failure !== undefined) throw this._failure;
    const [points, milliseconds] = [this._points, Math.max(this._milliseconds, 0.1)];
    if (points === 0) return;
    this._points = 0;
    this._milliseconds = 0;
    this.rate = (1000 * points) / milliseconds;
    const wanted = (this.rate * this._evaluator.feeding.milliseconds) / 1000;
    const rows = Math.min(wanted, MOST_GROWTH * this._rows, this._evaluator.mostRows);
    this._rows = Math.max(ROWS_MULTIPLE, ROWS_MULTIPLE * Math.floor(rows / ROWS_MULTIPLE));
  }
}
