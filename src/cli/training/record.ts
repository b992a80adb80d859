import { trainingPlot } from '../../evaluation/training-plot.js';
import type { TrainingCheckpoint, TrainingProgress, TrainingReadings } from '../../training/index.js';
import { TrainingLog } from '../../training/training-log-node.js';
import { writeFileAtomic } from '../../write-file-node.js';
import type { TrainingFiles } from './files.js';

/** Seconds between drawings of the plot: each is a file of some 20 KB, written whole. */
const PLOT_INTERVAL = 10;

/** The log and the plot of a run, kept up while it trains. */
export class TrainingRecord {
  private readonly _log: TrainingLog;
  private _drawnAt = performance.now();
  private _drawing: Promise<void> | undefined;
  private _failure: unknown;

  /** @param resume what a resumed run goes on from @throws NeuralSdfError WRITE_FAILED */
  constructor(
    private readonly _title: string,
    private readonly _files: Pick<TrainingFiles, 'log' | 'plot'>,
    resume?: TrainingCheckpoint,
  ) {
    this._log = new TrainingLog(_files.log, resume);
  }

  progress(progress: TrainingProgress): void {
    this._log.progress(progress);
    this._drawIfDue();
  }

  readings(readings: TrainingReadings, progress: TrainingProgress): void {
    this._log.readings(readings, progress);
    this._drawIfDue();
  }

  /** Draws the plot as the run left it. @throws NeuralSdfError WRITE_FAILED */
  async finish(): Promise<void> {
    await this._drawing;
    this._draw();
    await this._drawing;
    if (this._failure) throw this._failure;
  }

  private _drawIfDue(): void {
    if (this._failure) throw this._failure;
    if (!this._drawing && performance.now() - this._drawnAt >= 1000 * PLOT_INTERVAL) this._draw();
  }

  /** Nobody waits for a drawing while training: what went wrong is thrown at the next occasion. */
  private _draw(): void {
    this._drawnAt = performance.now();
    this._drawing = writeFileAtomic(this._files.plot, trainingPlot(this._title, this._log.entries))
      .catch((error: unknown) => {
        this._failure = error;
      })
      .finally(() => {
        this._drawing = undefined;
      });
  }
}
