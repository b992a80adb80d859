/** Shares of the full resolution, along a side, that shapes are traced at; level 0 is the ordinary picture. */
export const SCALES = [1, 2 / 3, 1 / 2, 1 / 3, 1 / 4, 1 / 6] as const;

/** Frames that a level is judged by; their median, so that one slow frame (a compiler, a garbage collection) says nothing. */
const WINDOW = 5;
/** Slower than this share of the target is too slow; the gap to what counts as fast enough keeps levels from alternating. */
const TOO_SLOW = 1.15;
/** What a finer level is foretold to take, at most, as a share of the target. */
const AFFORDABLE = 0.9;
/** Fast frames before the next finer level is taken: a third of a second at 60 Hz. */
const CALM = 20;
/** Coarser levels that save less than this share of a frame are not worth their looks: the time goes elsewhere. */
const WORTHWHILE = 0.08;
/** Frames before an attempt that failed is made again; doubled with each failure, up to the longest. */
const PATIENCE = 120;
const LONGEST_PATIENCE = 3840;

/**
 * Chooses the resolution that shapes are traced at from what frames take. A frame costs something fixed and something for every traced pixel;
 * both are learnt from the levels that were tried, so that a finer level is taken when it is foretold to fit, and tried in vain seldom.
 */
export class BudgetController {
  private _level: number;
  private readonly _window: number[] = [];
  /** Frames to leave out after a change: they pay for it. */
  private _settling = 1;
  /** Median frame of each level, when last seen. */
  private readonly _medians: (number | undefined)[] = SCALES.map(() => undefined);
  private _calm = 0;
  /** The last step was to a finer level, some frames ago. */
  private _framesSinceFiner: number | undefined;
  private _patience = PATIENCE;
  /** Frames for which no coarser level is tried, as it would not help. */
  private _hold = 0;

  /**
   * @param targetFrameTime milliseconds
   * @param startLevel index into SCALES
   */
  constructor(
    public targetFrameTime: number,
    startLevel = 0,
  ) {
    this._level = startLevel;
  }

  /** Index into SCALES. */
  get level(): number {
    return this._level;
  }

  /** Share of the full resolution along a side; 1: shapes are traced as ever. */
  get scale(): number {
    return SCALES[this._level];
  }

  /**
   * Takes note of a frame that traced every shape.
   * @param frameTime milliseconds
   * @param level what the frame was drawn at: frames end later than they start, and those of another level do not count
   */
  observe(frameTime: number, level: number): void {
    if (level !== this._level || !(frameTime > 0)) return;
    if (this._settling > 0) {
      this._settling--;
      return;
    }
    if (this._hold > 0) this._hold--;
    if (this._framesSinceFiner !== undefined && ++this._framesSinceFiner === PATIENCE) this._patience = PATIENCE;
    this._window.push(frameTime);
    if (this._window.length > WINDOW) this._window.shift();
    if (this._window.length < WINDOW) return;
    const median = [...this._window].sort((a, b) => a - b)[WINDOW >> 1];
    this._medians[level] = median;
    if (median <= TOO_SLOW * this.targetFrameTime) this._considerFiner(median);
    else if (!this._foundUseless(median)) this._goCoarser(median);
  }

  /** Goes back where a coarser level is too slow as well, and no faster. */
  private _foundUseless(median: number): boolean {
    const finer = this._medians.findLastIndex((seen, level) => seen !== undefined && level < this._level);
    if (finer < 0 || median < (1 - WORTHWHILE) * this._medians[finer]!) return false;
    this._beLessHasty();
    this._hold = this._patience;
    this._change(finer);
    return true;
  }

  private _goCoarser(median: number): void {
    this._calm = 0;
    if (this._hold > 0 || this._level === SCALES.length - 1) return;
    if (this._framesSinceFiner !== undefined && this._framesSinceFiner < PATIENCE) this._beLessHasty();
    // As if all of the frame were tracing: at most as coarse as is needed.
    const wanted = Math.sqrt(this.targetFrameTime / median) * this.scale;
    const next = SCALES.findIndex((scale, level) => level > this._level && scale <= wanted);
    this._change(next < 0 ? SCALES.length - 1 : next);
  }

  private _considerFiner(median: number): void {
    if (this._level === 0) return;
    this._calm++;
    const fits = this._foretell(median) <= AFFORDABLE * this.targetFrameTime;
    // What was learnt may be out of date, so that even a step foretold to be too much is tried, seldom.
    if (this._calm < (fits ? CALM : this._patience)) return;
    if (!fits && median > AFFORDABLE * this.targetFrameTime) return;
    this._change(this._level - 1);
    this._framesSinceFiner = 0;
  }

  /** What the next finer level would take: along the line through this level and the nearest finer one seen, else as if all were tracing. */
  private _foretell(median: number): number {
    const area = this.scale ** 2;
    const finer = SCALES[this._level - 1] ** 2;
    const bound = median * (finer / area);
    for (let level = this._level - 1; level >= 0; level--) {
      const seen = this._medians[level];
      if (seen !== undefined)
        return Math.min(bound, Math.max(median, median + ((seen - median) * (finer - area)) / (SCALES[level] ** 2 - area)));
    }
    return bound;
  }

  private _beLessHasty(): void {
    this._patience = Math.min(LONGEST_PATIENCE, 2 * this._patience);
  }

  private _change(level: number): void {
    this._level = level;
    this._window.length = 0;
    this._settling = 1;
    this._calm = 0;
    this._framesSinceFiner = undefined;
  }
}
