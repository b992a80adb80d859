import type { BestCheckpoint } from './checkpoint.js';
import type { RunClock } from './run-clock.js';

/** When checkpoints are saved, besides at the end. */
export interface CheckpointPlan {
  /** Default 30. */
  readonly everySeconds?: number;
  readonly everySteps?: number;
  /** `LogFrequency` of DeepSDF; never twice in a second, however short an epoch is. */
  readonly everyEpochs?: number;
  /** Epochs whose checkpoints are kept: each multiple of this (`SnapshotFrequency`). */
  readonly keepEvery?: number;
  /** And these (`AdditionalSnapshots`). */
  readonly keepEpochs?: readonly number[];
  /** What the best checkpoint has the lowest of; default 'loss', the moving mean. */
  readonly bestBy?: 'loss' | 'validationLoss';
}

/** What a checkpoint is, besides the latest. */
export interface CheckpointTags {
  readonly best: boolean;
  /** To be kept, as the checkpoint of these epochs. */
  readonly epochs: readonly number[];
}

const DEFAULT_SECONDS = 30;
const LEAST_SECONDS = 1;

/** Keeps a CheckpointPlan. */
export class CheckpointKeeper {
  best: BestCheckpoint | undefined;
  private _savedStep = 0;
  private _savedAt = 0;

  constructor(
    private readonly _plan: CheckpointPlan,
    private readonly _clock: RunClock,
  ) {}

  start(best: BestCheckpoint | undefined): void {
    this.best = best;
    this.saved();
  }

  saved(): void {
    this._savedStep = this._clock.step;
    this._savedAt = this._clock.sessionSeconds;
  }

  isDue(): boolean {
    const { everySteps = Number.POSITIVE_INFINITY, everySeconds = DEFAULT_SECONDS, everyEpochs } = this._plan;
    const { step } = this._clock;
    const seconds = this._clock.sessionSeconds - this._savedAt;
    const epochDue =
      everyEpochs !== undefined &&
      seconds >= LEAST_SECONDS &&
      this._periods(step, everyEpochs) > this._periods(this._savedStep, everyEpochs);
    return step - this._savedStep >= everySteps || seconds >= everySeconds || epochDue;
  }

  /** Epochs to be kept that the last step completed. */
  epochsToKeep(): number[] {
    const { keepEvery, keepEpochs = [] } = this._plan;
    if (keepEvery === undefined && keepEpochs.length === 0) return [];
    const [before, now] = [this._clock.epochAt(this._clock.step - 1), this._clock.epoch];
    const completed = Array.from({ length: now - before }, (_, i) => before + 1 + i);
    return completed.filter((epoch) => keepEpochs.includes(epoch) || (keepEvery !== undefined && epoch % keepEvery === 0));
  }

  /** Takes note of a loss. @returns whether it is the lowest so far */
  isBest(by: 'loss' | 'validationLoss', loss: number): boolean {
    if (by !== (this._plan.bestBy ?? 'loss') || !(loss < (this.best?.loss ?? Number.POSITIVE_INFINITY))) return false;
    this.best = { loss, step: this._clock.step };
    return true;
  }

  private _periods(step: number, epochs: number): number {
    return Math.floor(this._clock.epochAt(step) / epochs);
  }
}
