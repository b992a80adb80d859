import type { BatchEvaluator } from './batch-evaluator.js';

/**
 * How many times larger than the largest that was measured a batch may be: a small one says little about a large one's time. And how many
 * times smaller one batch may make the next: it may have been off the processor altogether.
 */
const MOST_CHANGE = 4;
/** Batches are of whole multiples of it: a tile of the kernels for software adapters. */
const ROWS_MULTIPLE = 32;
/** Of a batch's size: one below it takes longer a point, and tells something only when it is slow all the same. */
const TELLING = 0.5;
/**
 * The share by which a faster batch makes the next ones larger. A slower one makes them smaller at once: the size is that of the slowest of
 * the last dozen, since a loaded machine has the odd batch wait for its turn.
 */
const RECOVERY = 1 / 12;

/** What shows how long batches held what they ran on. */
type Fed = Pick<BatchEvaluator, 'mostRows' | 'feeding' | 'rest'>;

/** Sizes batches by the time that the slowest of the last ones took, and has as many of them under way as the evaluator is best fed with. */
export class BatchPace {
  /** Query points a second of one lane; undefined before the first measurement. */
  rate: number | undefined;
  /** The longest that the device, or a thread, was busy without others getting their turn, milliseconds. */
  longest = 0;
  private _rows: number;
  private readonly _underWay = new Set<Promise<void>>();
  private _pending = 0;
  /** Milliseconds that a query point is reckoned with; undefined before the first measurement. */
  private _cost: number | undefined;
  /** Query points of the largest batch that was measured. */
  private _largest = 0;
  /** What was measured since the last wait. */
  private _points = 0;
  private _milliseconds = 0;
  /** By fill: what a batch of it has failed with, until that fill is told. */
  private readonly _failures = new WeakMap<object, { readonly error: unknown }>();

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

  /**
   * Notes a batch that was handed over.
   * @param batch settles with the milliseconds that it took
   * @param fill whose batch it is: others that share the evaluator are not told of its failure
   */
  add(points: number, batch: Promise<number>, fill: object): void {
    this._pending += points;
    const noted: Promise<void> = batch
      .then(
        (milliseconds) => this._note(points, milliseconds),
        (error: unknown) => {
          if (!this._failures.has(fill)) this._failures.set(fill, { error });
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
    const { ahead, queued } = this._evaluator.feeding;
    return this._underWay.size >= ahead && this.timeFor(this._pending) >= Math.max(budget, queued);
  }

  /** Waits until there is room for another batch. @throws what a batch of the fill has failed with, once */
  async room(fill: object): Promise<void> {
    const { isOrdered } = this._evaluator.feeding;
    // What was queued in order is one piece for whoever waits behind it.
    await (isOrdered ? Promise.all(this._underWay) : Promise.race(this._underWay));
    this._tell(fill);
    this._learn();
    await this._evaluator.rest();
  }

  /** Waits for all that is under way. @throws what a batch of the fill has failed with, once */
  async idle(fill: object): Promise<void> {
    await Promise.all(this._underWay);
    this._tell(fill);
    this._learn();
  }

  private _note(points: number, milliseconds: number): void {
    const { isOrdered, milliseconds: wanted } = this._evaluator.feeding;
    this._points += points;
    this._milliseconds += milliseconds;
    this.longest = Math.max(this.longest, isOrdered ? this._milliseconds : milliseconds);
    this._largest = Math.max(this._largest, points);
    if (points >= TELLING * this._rows || milliseconds > wanted) this._resize(Math.max(milliseconds, 0.1) / points);
  }

  /** @param cost milliseconds that a query point took */
  private _resize(cost: number): void {
    const known = this._cost ?? cost;
    this._cost = cost > known ? Math.min(cost, MOST_CHANGE * known) : known + RECOVERY * (cost - known);
    const rows = Math.min(this._evaluator.feeding.milliseconds / this._cost, MOST_CHANGE * this._largest, this._evaluator.mostRows);
    this._rows = Math.max(ROWS_MULTIPLE, ROWS_MULTIPLE * Math.floor(rows / ROWS_MULTIPLE));
  }

  private _tell(fill: object): void {
    const failure = this._failures.get(fill);
    if (!failure) return;
    this._failures.delete(fill);
    throw failure.error;
  }

  private _learn(): void {
    if (this._points === 0) return;
    this.rate = (1000 * this._points) / Math.max(this._milliseconds, 0.1);
    this._points = 0;
    this._milliseconds = 0;
  }
}
