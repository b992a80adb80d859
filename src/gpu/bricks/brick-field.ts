import type { BrickAssembler } from './brick-assembler.js';
import { type BrickLevel, planLevels } from './brick-levels.js';
import type { Evaluation } from './evaluate-samples.js';
import { LevelFiller, type LevelSettings } from './level-filler.js';
import { type BrickError, type BrickProbe, measureBrickError } from './measure-error.js';
import { ShapeLattices, type TableHost } from './shape-lattices.js';

/** What the shapes of a decoder share. */
export interface BrickTools extends Evaluation {
  readonly assembler: BrickAssembler;
  readonly probe: BrickProbe;
}

export interface BrickSettings extends LevelSettings {
  /** The finest level wanted, cells along the box. */
  readonly resolution: number;
  /** Query points that the error is measured at. */
  readonly errorPoints: number;
}

/** Where a shape's table lives, and who wants to know of it. */
export interface BrickHost extends TableHost {
  /** After `status` changed. */
  statusChanged(): void;
  /** The device refused something; the last whole picture stays. */
  failed(error: unknown): void;
}

/** How far a shape's bricks are. */
export interface BrickStatus {
  /** Cells along the box of what is shown; 0 before there is anything. */
  readonly resolution: number;
  /** Of the level under way, 0 to 1. */
  readonly progress: number;
  /** Whether what is shown is the finest there will be. */
  readonly isComplete: boolean;
  /** Of the decoder, since the last edit. */
  readonly evaluations: number;
  /** Of what is shown, once it is complete. */
  readonly error?: BrickError;
}

/** What the exact decoder's distances to a shape in bricks are had from. */
export interface ExactShape extends Evaluation {
  /** [codeLength]; another array, another shape. */
  readonly latent: Float32Array;
  /** The most that the bricks' distances are believed to be off by, model units. */
  readonly bound: number;
}

/** The share of an error's 99th percentile that hits are let move by. */
const BOUND = 2;

const START: BrickStatus = { resolution: 0, progress: 0, isComplete: false, evaluations: 0 };

/**
 * One shape of a wide decoder as bricks, filled from coarse to fine over many frames. What is shown is always a whole level: the next one
 * replaces it at once when it stands.
 */
export class BrickField {
  private _status = START;
  /** Of what is shown. */
  private _resolution = 0;
  private _evaluations = 0;
  private _wanted: Float32Array | undefined;
  /** Counts edits: work for an earlier one stops. */
  private _edit = 0;
  private _isCoarse = false;
  private _isDisposed = false;
  private readonly _lattices: ShapeLattices;
  private readonly _filler: LevelFiller;

  constructor(
    private readonly _tools: BrickTools,
    private readonly _settings: BrickSettings,
    private readonly _host: BrickHost,
  ) {
    this._lattices = new ShapeLattices(_tools.evaluator.device, _tools.assembler, _settings, _host);
    this._filler = new LevelFiller(_tools, _settings, this._lattices, {
      evaluated: (count) => {
        this._evaluations += count;
      },
      advanced: (share) => this._note(share, false),
      shown: (resolution) => {
        this._resolution = resolution;
        this._note(1, false);
      },
    });
  }

  get status(): BrickStatus {
    return this._status;
  }

  /** What hits in complete bricks can be refined by; undefined before they are, and where there is no surface. */
  get exact(): ExactShape | undefined {
    const { evaluator, pace } = this._tools;
    const { isComplete, error } = this._status;
    return isComplete && error && this._wanted ? { evaluator, pace, latent: this._wanted, bound: BOUND * error.p99 } : undefined;
  }

  /**
   * Another shape. On a fast device its coarse form is queued when this returns; on a slow one an edit waits until the coarse form of the
   * last is shown, so that a slider that is being dragged shows something.
   * @param latent [codeLength], copied
   */
  start(latent: Float32Array): void {
    this._wanted = latent.slice();
    this._edit++;
    // What is shown is another shape's by now.
    this._evaluations = 0;
    this._note(0, false);
    if (!this._isCoarse) void this._run();
  }

  private async _run(): Promise<void> {
    let isMine = true;
    let edit = this._edit;
    this._isCoarse = true;
    try {
      for (;;) {
        edit = this._edit;
        const latent = this._wanted as Float32Array;
        const wanted = edit;
        const isCurrent = () => wanted === this._edit && !this._isDisposed;
        const { grid, resolution } = this._settings;
        const levels = planLevels(grid, resolution, (points) => this._tools.pace.timeFor(points));
        // Goes on whatever edits come, so that some shape is shown.
        if (!(await this._filler.fillCoarse(latent, levels[0], () => !this._isDisposed))) return;
        if (!isCurrent()) continue;
        // In one go with the question whether another edit came: the next one starts a run of its own.
        isMine = false;
        this._isCoarse = false;
        return await this._refine(latent, levels.slice(1), isCurrent);
      }
    } catch (error) {
      if (isMine) this._isCoarse = false;
      // A lost device rejects what it was asked for; its successor's field starts anew.
      const { reason } = (await Promise.race([this._tools.evaluator.device.lost, Promise.resolve()])) ?? {};
      if (this._isDisposed || reason !== undefined) return;
      // What is shown is as fine as it will get.
      if (edit === this._edit) this._note(1, this._resolution > 0);
      this._host.failed(error);
    }
  }

  private async _refine(latent: Float32Array, levels: readonly BrickLevel[], isCurrent: () => boolean): Promise<void> {
    const { halfExtent, errorPoints } = this._settings;
    if (!(await this._filler.fillFiner(latent, levels, isCurrent))) return;
    const error = await measureBrickError(
      { ...this._tools, table: this._host.reserve(0), latent, isCurrent },
      { count: errorPoints, halfExtent, band: (2 * halfExtent) / this._resolution },
    );
    if (isCurrent()) this._note(1, true, error);
  }

  private _note(progress: number, isComplete: boolean, error?: BrickError): void {
    this._status = { resolution: this._resolution, progress, isComplete, evaluations: this._evaluations, error };
    this._host.statusChanged();
  }

  dispose(): void {
    this._isDisposed = true;
    this._edit++;
    this._lattices.dispose();
  }
}
