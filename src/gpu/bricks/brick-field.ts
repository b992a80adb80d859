import { activeCells, pruneCells, type Trust } from './active-cells.js';
import type { BatchEvaluator } from './batch-evaluator.js';
import type { BatchPace } from './batch-pace.js';
import type { BrickAssembler } from './brick-assembler.js';
import { brickTableBytes, packBrickIndex, samplesOf } from './brick-layout.js';
import { type BrickLevel, FIRST_BUDGET, planLevels } from './brick-levels.js';
import { BrickLattice, brickSamples, bricksOfCells, latticeSamples, type SampleSource } from './brick-samples.js';
import { type BrickError, type BrickProbe, measureBrickError } from './measure-error.js';
import { readFloats } from './read-floats.js';

/** What the shapes of a decoder share. */
export interface BrickTools {
  readonly evaluator: BatchEvaluator;
  readonly assembler: BrickAssembler;
  readonly probe: BrickProbe;
  readonly pace: BatchPace;
}

export interface BrickSettings extends Trust {
  /** Cells along the grid, a multiple of GRID_MULTIPLE. */
  readonly grid: number;
  /** Half the side of the box, model units. */
  readonly halfExtent: number;
  /** The finest level wanted, cells along the box. */
  readonly resolution: number;
  /** Levels that would take longer are left out, milliseconds. */
  readonly longestLevel: number;
  /** Query points that the error is measured at. */
  readonly errorPoints: number;
}

/** Where a shape's table lives. */
export interface BrickHost {
  /** A storage buffer of so many bytes or more; where it is another than before, a whole table is written into it at once. */
  reserve(bytes: number): GPUBuffer;
  /** The most that `reserve` can give. */
  readonly mostBytes: number;
  /** After a whole picture was queued into the table. */
  tableWritten(): void;
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
  private readonly _device: GPUDevice;
  private readonly _uniform: GPUBuffer;
  private readonly _coarse: GPUBuffer;
  private readonly _index: GPUBuffer;
  private _coarseCells = 0;
  private _distances: GPUBuffer;
  private _cells: GPUBuffer;
  private readonly _batch: Float32Array<ArrayBuffer>;
  private readonly _slots: Uint32Array;

  constructor(
    private readonly _tools: BrickTools,
    private readonly _settings: BrickSettings,
    private readonly _host: BrickHost,
  ) {
    this._device = _tools.evaluator.device;
    const { grid } = _settings;
    this._uniform = this._make('lattices', 32, GPUBufferUsage.UNIFORM);
    this._coarse = this._make('coarse distances', 4 * samplesOf(grid));
    this._index = this._make('index', 4 * grid ** 3);
    this._distances = this._make('distances', 16);
    this._cells = this._make('cells', 16);
    this._batch = new Float32Array(4 * _tools.evaluator.mostRows);
    this._slots = new Uint32Array(this._batch.buffer);
  }

  get status(): BrickStatus {
    return this._status;
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
    this._isCoarse = true;
    try {
      for (;;) {
        const edit = this._edit;
        const latent = this._wanted as Float32Array;
        const isCurrent = () => edit === this._edit && !this._isDisposed;
        const { grid, resolution } = this._settings;
        const levels = planLevels(grid, resolution, (points) => this._tools.pace.timeFor(points));
        if (!(await this._fillCoarse(latent, levels[0]))) return;
        if (!isCurrent()) continue;
        // In one go with the question whether another edit came: the next one starts a run of its own.
        isMine = false;
        this._isCoarse = false;
        return await this._refine(latent, levels.slice(1), isCurrent);
      }
    } catch (error) {
      if (isMine) this._isCoarse = false;
      // A lost device rejects what it was asked for; its successor's field starts anew.
      const { reason } = (await Promise.race([this._device.lost, Promise.resolve()])) ?? {};
      if (!this._isDisposed && reason === undefined) this._host.failed(error);
    }
  }

  /** Goes on whatever edits come, so that some shape is shown. @returns whether it is */
  private async _fillCoarse(latent: Float32Array, { cells, resolution }: BrickLevel): Promise<boolean> {
    const { grid, halfExtent } = this._settings;
    const isWanted = () => !this._isDisposed;
    if (!(await this._evaluate(latent, latticeSamples(cells, halfExtent), this._coarse, isWanted, FIRST_BUDGET))) return false;
    this._coarseCells = cells;
    this._show(new Uint32Array(grid ** 3), 0, 1);
    this._resolution = resolution;
    this._note(1, false);
    return true;
  }

  private async _refine(latent: Float32Array, levels: readonly BrickLevel[], isCurrent: () => boolean): Promise<void> {
    const { grid, halfExtent, longestLevel, errorPoints } = this._settings;
    const { pace } = this._tools;
    const coarse = await readFloats(this._device, this._coarse, samplesOf(this._coarseCells));
    if (!isCurrent()) return;
    let cells = activeCells(coarse, this._coarseCells, grid, (2 * halfExtent) / this._coarseCells, this._settings);
    for (const [i, level] of levels.entries()) {
      const brickOfCell = bricksOfCells(cells, grid);
      const lattice = new BrickLattice(brickOfCell, grid, level.cells);
      const source = brickSamples(cells, lattice, halfExtent);
      if (cells.length === 0 || pace.timeFor(source.estimate) > longestLevel) break;
      if (brickTableBytes(grid, cells.length, level.cells) > this._host.mostBytes) break;
      this._holdBricks(cells, level.cells);
      if (!(await this._evaluate(latent, source, this._distances, isCurrent))) return;
      this._device.queue.writeBuffer(this._index, 0, brickOfCell as Uint32Array<ArrayBuffer>);
      this._show(brickOfCell, cells.length, level.cells);
      this._resolution = level.resolution;
      this._note(1, false);
      if (i + 1 < levels.length) {
        const distances = await readFloats(this._device, this._distances, cells.length * samplesOf(level.cells));
        if (!isCurrent()) return;
        cells = pruneCells(distances, cells, lattice, (2 * halfExtent) / level.resolution, this._settings);
      }
    }
    const error = await measureBrickError(
      { ...this._tools, table: this._host.reserve(0), latent, isCurrent },
      { count: errorPoints, halfExtent, band: (2 * halfExtent) / this._resolution },
    );
    if (isCurrent()) this._note(1, true, error);
  }

  /** @returns false where it was given up */
  private async _evaluate(
    latent: Float32Array,
    source: SampleSource,
    into: GPUBuffer,
    isCurrent: () => boolean,
    budget?: number,
  ): Promise<boolean> {
    const { evaluator, pace } = this._tools;
    for (;;) {
      const count = source.next(this._batch, this._slots, pace.rows);
      if (count === 0) {
        // Learns from what was queued without waiting, and starts the clock anew.
        pace.settle().catch(() => {});
        return true;
      }
      pace.begin();
      evaluator.evaluate(latent, this._batch.buffer, count, into);
      this._evaluations += count;
      if (!pace.submitted(count, budget)) continue;
      await pace.settle();
      if (!isCurrent()) return false;
      if (source.done < 1) this._note(source.done, false);
    }
  }

  /** Room for a level's distances. */
  private _holdBricks(cells: Uint32Array, brickCells: number): void {
    this._distances.destroy();
    this._cells.destroy();
    this._distances = this._make('distances', 4 * cells.length * samplesOf(brickCells));
    this._cells = this._make('cells', 4 * cells.length);
    this._device.queue.writeBuffer(this._cells, 0, cells as Uint32Array<ArrayBuffer>);
  }

  /** Queues a whole table. */
  private _show(brickOfCell: Uint32Array, brickCount: number, brickCells: number): void {
    const { grid, halfExtent } = this._settings;
    const table = this._host.reserve(brickTableBytes(grid, brickCount, brickCells));
    this._device.queue.writeBuffer(table, 0, packBrickIndex(brickOfCell, this._coarseCells, brickCells));
    this._tools.assembler.assemble(
      {
        grid,
        coarseCells: this._coarseCells,
        brickCells,
        brickCount,
        halfExtent,
        coarseDistances: this._coarse,
        distances: this._distances,
        brickOfCell: this._index,
        cellOfBrick: this._cells,
        table,
      },
      this._uniform,
    );
    this._host.tableWritten();
  }

  private _note(progress: number, isComplete: boolean, error?: BrickError): void {
    this._status = { resolution: this._resolution, progress, isComplete, evaluations: this._evaluations, error };
    this._host.statusChanged();
  }

  private _make(name: string, bytes: number, usage: number = GPUBufferUsage.STORAGE): GPUBuffer {
    return this._device.createBuffer({
      label: `neural-sdf bricks ${name}`,
      size: Math.max(16, bytes),
      usage: usage | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    });
  }

  dispose(): void {
    this._isDisposed = true;
    this._edit++;
    for (const buffer of [this._uniform, this._coarse, this._index, this._distances, this._cells]) buffer.destroy();
  }
}
