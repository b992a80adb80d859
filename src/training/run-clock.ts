import type { RunPosition } from './schedule.js';

export interface TrainingProgress {
  /** Steps taken. */
  readonly step: number;
  /** Passes over the shapes completed. */
  readonly epoch: number;
  /** Share of the run done, 0 to 1. */
  readonly share: number;
  /** Moving mean over about 100 steps, model units. */
  readonly loss: number;
  /** Of the next step. */
  readonly decoderRate: number;
  readonly latentRate: number;
  /** Of this process, not counting what came before a resume. */
  readonly samplesPerSecond: number;
  readonly elapsedSeconds: number;
  readonly secondsLeft: number;
}

/** What ends a run, whichever comes first; Infinity for never. */
export interface RunLength {
  readonly steps: number;
  readonly seconds: number;
}

/** Steps and seconds of a run, over all the processes that it took. */
export class RunClock {
  step = 0;
  private _firstStep = 0;
  private _secondsBefore = 0;
  private _startedAt = performance.now();

  /** @param stepsPerEpoch may be a fraction */
  constructor(
    private readonly _length: RunLength,
    private readonly _stepsPerEpoch: number,
  ) {}

  /** @param step, seconds of the run so far */
  start(step: number, seconds: number): void {
    this.step = step;
    this._firstStep = step;
    this._secondsBefore = seconds;
    this._startedAt = performance.now();
  }

  /** Of this process. */
  get sessionSeconds(): number {
    return (performance.now() - this._startedAt) / 1000;
  }

  get elapsedSeconds(): number {
    return this._secondsBefore + this.sessionSeconds;
  }

  /** Share of the run done, 0 to 1. */
  get share(): number {
    return Math.min(1, Math.max(this.step / this._length.steps, this.elapsedSeconds / this._length.seconds));
  }

  /** Passes over the shapes completed. */
  get epoch(): number {
    return this.epochAt(this.step);
  }

  epochAt(step: number): number {
    return Math.floor(step / this._stepsPerEpoch);
  }

  get position(): RunPosition {
    return { epoch: this.epoch, share: this.share };
  }

  /** Speed and what is left. */
  outlook(samplesPerStep: number): Pick<TrainingProgress, 'samplesPerSecond' | 'elapsedSeconds' | 'secondsLeft'> {
    const { elapsedSeconds } = this;
    const stepsPerSecond = (this.step - this._firstStep) / Math.max(this.sessionSeconds, 1e-9);
    const left = Math.min((this._length.steps - this.step) / stepsPerSecond, this._length.seconds - elapsedSeconds);
    return {
      samplesPerSecond: stepsPerSecond * samplesPerStep,
      elapsedSeconds,
      secondsLeft: this.share === 1 ? 0 : Math.max(0, left),
    };
  }
}
