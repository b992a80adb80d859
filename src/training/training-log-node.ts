import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { NeuralSdfError } from '../errors.js';
import type { TrainingCheckpoint } from './checkpoint.js';
import type { TrainingReadings } from './probe.js';
import type { TrainingProgress } from './run-clock.js';

/** One line of a log: a moment of the run, and what was measured then. */
export interface TrainingLogEntry extends TrainingReadings {
  readonly step: number;
  readonly epoch: number;
  /** Of the run so far. */
  readonly seconds: number;
  /** Moving mean, model units. */
  readonly loss?: number;
  readonly decoderRate?: number;
  readonly latentRate?: number;
  readonly samplesPerSecond?: number;
  /** The run went on from this step: lines before it that are of later steps do not count. */
  readonly event?: 'resumed';
}

/** So many lines a run, besides measurements... */
const LINES = 2000;
/** ... but not closer than this, nor further apart than that, s. */
const CLOSEST = 0.5;
const FURTHEST = 60;

/** A run's log: a JSON object a line, each written at once, so that a killed process leaves all but perhaps half a line. */
export class TrainingLog {
  /** Of the run as it is: without what a resume went back behind. */
  readonly entries: TrainingLogEntry[] = [];
  private _loggedAt = Number.NEGATIVE_INFINITY;
  private _loggedShare = Number.NEGATIVE_INFINITY;

  /**
   * Begins a log, or goes on with the one that is there.
   * @param resume what a resumed run goes on from; undefined for a new run, which begins a new log
   * @throws NeuralSdfError WRITE_FAILED
   */
  constructor(
    private readonly _path: string,
    resume?: TrainingCheckpoint,
  ) {
    this._write(() => mkdirSync(dirname(_path), { recursive: true }));
    const before = resume ? readIfThere(_path) : '';
    if (!resume || before === '') this._write(() => writeFileSync(_path, ''));
    // Half a line that a killed process left must not swallow the next one.
    else if (!before.endsWith('\n')) this._write(() => appendFileSync(_path, '\n'));
    for (const entry of before.split('\n').flatMap(parseLine)) this._remember(entry);
    if (resume) {
      const { state, identity, elapsedSeconds, smoothedLoss: loss } = resume;
      const epoch = Math.floor((state.step * identity.settings.shapesPerStep) / identity.shapeCount);
      this._append({ step: state.step, epoch, seconds: rounded(elapsedSeconds, 3), loss, event: 'resumed' });
    }
  }

  /** Logs now and then; always at the end of a run. */
  progress(progress: TrainingProgress): void {
    const { step, epoch, share, elapsedSeconds: seconds, loss, decoderRate, latentRate } = progress;
    const gap = seconds - this._loggedAt;
    const isDue = gap >= CLOSEST && (share - this._loggedShare >= 1 / LINES || gap >= FURTHEST);
    if (!isDue && share < 1) return;
    this._loggedAt = seconds;
    this._loggedShare = share;
    this._append({
      step,
      epoch,
      seconds: rounded(seconds, 3),
      loss,
      decoderRate,
      latentRate,
      samplesPerSecond: Math.round(progress.samplesPerSecond),
    });
  }

  readings(readings: TrainingReadings, { step, epoch, elapsedSeconds }: TrainingProgress): void {
    this._append({ step, epoch, seconds: rounded(elapsedSeconds, 3), ...readings });
  }

  private _append(entry: TrainingLogEntry): void {
    this._remember(entry);
    this._write(() => appendFileSync(this._path, `${JSON.stringify(entry)}\n`));
  }

  private _remember(entry: TrainingLogEntry): void {
    if (entry.event !== 'resumed') this.entries.push(entry);
    else while (this.entries.length > 0 && this.entries[this.entries.length - 1].step > entry.step) this.entries.pop();
  }

  private _write(write: () => void): void {
    try {
      write();
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
      throw new NeuralSdfError(
        'WRITE_FAILED',
        `cannot write the training log ${this._path}: ${reason}`,
        { path: this._path, reason },
        { cause },
      );
    }
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Nothing for a line that is none, as the last of a killed process may be. */
function parseLine(line: string): TrainingLogEntry[] {
  try {
    const entry = JSON.parse(line);
    return Number.isSafeInteger(entry?.step) && Number.isFinite(entry.seconds) ? [entry] : [];
  } catch {
    return [];
  }
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
