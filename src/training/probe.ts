import type { TrainingState } from './engine.js';

/** What probes may find; each finds its own. */
export interface TrainingReadings {
  /** Clamped loss of held-out shapes, model units. */
  readonly validationLoss?: number;
  /** Chamfer distance x 1000 of some of the shapes trained on, mean, model units squared. */
  readonly chamferX1000?: number;
}

/** Measures what a run has learnt so far, without touching the run: neither its engine nor its random numbers. */
export interface TrainingProbe {
  /** Share of the run's time that it may take, above 0 to 1: it is asked the less often the longer it takes. */
  readonly costShare: number;
  /** Seconds of a process before its first measurement, default 10: what comes earlier says little. */
  readonly firstAfter?: number;
  /** @param state a copy */
  measure(state: TrainingState): Promise<TrainingReadings>;
}

const FIRST_AFTER = 10;
/** A plot needs no more points than this. */
const MOST_MEASUREMENTS = 200;

/** When a probe's turn comes. */
export class ProbePacer {
  private _dueAt: number;
  private _dueShare = 0;
  private _measuredStep = -1;

  constructor(readonly probe: TrainingProbe) {
    this._dueAt = probe.firstAfter ?? FIRST_AFTER;
  }

  /** @param seconds of this process @param share of the run done */
  isDue(seconds: number, share: number): boolean {
    return seconds >= this._dueAt && share >= this._dueShare;
  }

  /** @param step of the run now */
  isStale(step: number): boolean {
    return this._measuredStep !== step;
  }

  /** @param tookSeconds for this measurement, which is just over */
  measured(step: number, seconds: number, share: number, tookSeconds: number): void {
    this._measuredStep = step;
    this._dueAt = seconds + tookSeconds / this.probe.costShare;
    this._dueShare = share + 1 / MOST_MEASUREMENTS;
  }
}
