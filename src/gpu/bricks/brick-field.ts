import { activeCells, pruneCells, type Trust } from './active-cells.js';
import type { BatchEvaluator } from './batch-evaluator.js';
import type { BatchPace } from './batch-pace.js';
import type { BrickAssembler } from './brick-assembler.js';
import { brickTableBytes, packBrickIndex, samplesOf } from './brick-layout.js';
import { type BrickLevel, FIRST_BUDGET, planLevels } from './brick-levels.js';
import { BrickLattice, brickSamples, bricksOfCells, latticeSamples, type SampleSource } from './brick-samples.js';
import { DistanceStore } from './distance-store.js';
import { doubleLattice, missingNodes } from './grid-lattice.js';
import { type BrickError, type BrickProbe, measureBrickError } from './measure-error.js';

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

/** What the exact decoder's distances to a shape in bricks are had from. */
export interface ExactShape extends Pick<BrickTools, 'evaluator' | 'pace'> {
  /** [codeLength]; another array, another shape. */
  readonly latent: Float32Array;
  /** The most that the bricks' distances are believed to be off by, model units. */
  readonly bound: number;
}

/** The share of an error's 99th percentile that hits are let move by. */
const BOUND = 2;

/** Subcells of bricks that are looked through before the page has its turn: some ten milliseconds. */
const PRUNED_AT_ONCE = 8192;

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
  private readonly _index: GPUBuffer;
  private readonly _batch: Float32Array<ArrayBuffer>;
  private readonly _slots: Uint32Array;
  /** Over the whole box, so many cells along it. */
  private _lattice: DistanceStore;
  private _latticeCells = 0;
  /** Of the bricks, and each one's grid cell. */
  private _distances: DistanceStore;
  private _cells: GPUBuffer;

  constructor(
    private readonly _tools: BrickTools,
    private readonly _settings: BrickSettings,
    private readonly _host: BrickHost,
  ) {
    this._device = _tools.evaluator.device;
    this._uniform = this._make('lattices', 32, GPUBufferUsage.UNIFORM);
    this._index = this._make('index', 4 * _settings.grid ** 3);
    this._lattice = this._store('lattice', 0);
    this._distances = this._store('distances', 0);
    this._cells = this._make('cells', 16);
    this._batch = new Float32Array(4 * _tools.evaluator.mostRows);
    this._slots = new Uint32Array(this._batch.buffer);
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
    this._holdLattice(this._store('lattice', samplesOf(cells)), cells);
    if (!(await this._evaluate(latent, latticeSamples(cells, halfExtent), this._lattice, isWanted, FIRST_BUDGET))) return false;
    this._show(new Uint32Array(grid ** 3), 0, 1, resolution);
    return true;
  }

  private async _refine(latent: Float32Array, levels: readonly BrickLevel[], isCurrent: () => boolean): Promise<void> {
    const { halfExtent, errorPoints } = this._settings;
    if (!(await this._fillLevels(latent, levels, isCurrent))) return;
    const error = await measureBrickError(
      { ...this._tools, table: this._host.reserve(0), latent, isCurrent },
      { count: errorPoints, halfExtent, band: (2 * halfExtent) / this._resolution },
    );
    if (isCurrent()) this._note(1, true, error);
  }

  /** @returns false where it was given up */
  private async _fillLevels(latent: Float32Array, levels: readonly BrickLevel[], isCurrent: () => boolean): Promise<boolean> {
    const { grid, halfExtent } = this._settings;
    const lattice = await this._lattice.read();
    if (!isCurrent()) return false;
    let cells = this._cellsOf(lattice);
    if (levels.length === 0 || cells.length === 0) return true;
    let nodes = lattice;
    if (this._latticeCells < grid) {
      const refined = await this._refineLattice(latent, lattice, cells, isCurrent);
      if (!refined) return isCurrent();
      nodes = refined;
      const active = new Set(cells);
      // Elsewhere the nodes are no samples.
      cells = this._cellsOf(nodes).filter((cell) => active.has(cell));
    }
    for (const level of levels.filter(({ cells: brickCells }) => brickCells > 1)) {
      const brickOfCell = bricksOfCells(cells, grid);
      const bricks = new BrickLattice(brickOfCell, grid, level.cells);
      const source = brickSamples(cells, bricks, halfExtent);
      if (cells.length === 0 || this._isTooMuch(source.estimate)) break;
      if (brickTableBytes(grid, cells.length, level.cells) > this._host.mostBytes) break;
      this._holdBricks(cells, level.cells);
      if (!(await this._evaluate(latent, source, this._distances, isCurrent))) return false;
      this._device.queue.writeBuffer(this._index, 0, brickOfCell as Uint32Array<ArrayBuffer>);
      this._show(brickOfCell, cells.length, level.cells, level.resolution);
      if (level === levels.at(-1)) break;
      const distances = await this._distances.read();
      if (!isCurrent()) return false;
      const pruned = await this._prune(distances, nodes, cells, bricks, isCurrent);
      if (!pruned) return false;
      cells = pruned;
    }
    return true;
  }

  /**
   * From a lattice of half the grid's cells to one of all of them, with samples where the surface may be.
   * @returns [(grid + 1)^3]; undefined where it was given up, or would take too long
   */
  private async _refineLattice(
    latent: Float32Array,
    distances: Float32Array,
    active: Uint32Array,
    isCurrent: () => boolean,
  ): Promise<Float32Array | undefined> {
    const { grid, halfExtent } = this._settings;
    const nodes = missingNodes(active, grid);
    if (this._isTooMuch(nodes.length)) return undefined;
    const found = this._store('nodes', nodes.length);
    try {
      if (!(await this._evaluate(latent, latticeSamples(grid, halfExtent, nodes), found, isCurrent))) return undefined;
      const values = await found.read();
      if (!isCurrent()) return undefined;
      const refined = doubleLattice(distances, grid / 2);
      nodes.forEach((node, i) => {
        refined[node] = values[i];
      });
      const lattice = this._store('lattice', refined.length);
      lattice.put(0, refined);
      this._holdLattice(lattice, grid);
      this._show(new Uint32Array(grid ** 3), 0, 1, grid);
      return refined;
    } finally {
      found.dispose();
    }
  }

  private async _prune(
    distances: Float32Array,
    nodes: Float32Array,
    cells: Uint32Array,
    bricks: BrickLattice,
    isCurrent: () => boolean,
  ): Promise<Uint32Array | undefined> {
    const { grid, halfExtent } = this._settings;
    const side = (2 * halfExtent) / (grid * bricks.brickCells);
    const atOnce = Math.ceil(PRUNED_AT_ONCE / bricks.brickCells ** 3);
    const kept: number[] = [];
    for (let first = 0; first < cells.length; first += atOnce) {
      kept.push(...pruneCells(distances, nodes, cells.subarray(first, first + atOnce), bricks, side, this._settings));
      await new Promise((resolve) => setTimeout(resolve));
      if (!isCurrent()) return undefined;
    }
    return Uint32Array.from(kept);
  }

  private _cellsOf(lattice: Float32Array): Uint32Array {
    const { grid, halfExtent } = this._settings;
    return activeCells(lattice, this._latticeCells, grid, (2 * halfExtent) / this._latticeCells, this._settings);
  }

  private _isTooMuch(points: number): boolean {
    return this._tools.pace.timeFor(points) > this._settings.longestLevel;
  }

  /** @returns false where it was given up */
  private async _evaluate(
    latent: Float32Array,
    source: SampleSource,
    into: DistanceStore,
    isCurrent: () => boolean,
    budget?: number,
  ): Promise<boolean> {
    const { evaluator, pace } = this._tools;
    for (;;) {
      const count = source.next(this._batch, this._slots, pace.rows);
      if (count === 0) break;
      pace.add(count, evaluator.evaluate(latent, this._batch.buffer, count, into, isCurrent));
      this._evaluations += count;
      if (!pace.isFull(budget)) continue;
      await pace.room();
      if (!isCurrent()) return false;
      if (source.done < 1) this._note(source.done, false);
    }
    if (evaluator.feeding.isOrdered) return true;
    await pace.idle();
    return isCurrent();
  }

  private _holdLattice(lattice: DistanceStore, cells: number): void {
    this._lattice.dispose();
    this._lattice = lattice;
    this._latticeCells = cells;
  }

  /** Room for a level's distances. */
  private _holdBricks(cells: Uint32Array, brickCells: number): void {
    this._distances.dispose();
    this._cells.destroy();
    this._distances = this._store('distances', cells.length * samplesOf(brickCells));
    this._cells = this._make('cells', 4 * cells.length);
    this._device.queue.writeBuffer(this._cells, 0, cells as Uint32Array<ArrayBuffer>);
  }

  /** Queues a whole table, and says so. */
  private _show(brickOfCell: Uint32Array, brickCount: number, brickCells: number, resolution: number): void {
    const { grid, halfExtent } = this._settings;
    const table = this._host.reserve(brickTableBytes(grid, brickCount, brickCells));
    this._device.queue.writeBuffer(table, 0, packBrickIndex(brickOfCell, this._latticeCells, brickCells));
    this._tools.assembler.assemble(
      {
        grid,
        coarseCells: this._latticeCells,
        brickCells,
        brickCount,
        halfExtent,
        coarseDistances: this._lattice.buffer,
        distances: this._distances.buffer,
        brickOfCell: this._index,
        cellOfBrick: this._cells,
        table,
      },
      this._uniform,
    );
    this._host.tableWritten();
    this._resolution = resolution;
    this._note(1, false);
  }

  private _note(progress: number, isComplete: boolean, error?: BrickError): void {
    this._status = { resolution: this._resolution, progress, isComplete, evaluations: this._evaluations, error };
    this._host.statusChanged();
  }

  private _store(name: string, count: number): DistanceStore {
    return new DistanceStore(this._device, name, count);
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
    for (const buffer of [this._uniform, this._index, this._cells]) buffer.destroy();
    this._lattice.dispose();
    this._distances.dispose();
  }
}
