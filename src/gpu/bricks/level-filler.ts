import { activeCells, pruneCells, type Trust } from './active-cells.js';
import { type BrickLevel, FIRST_BUDGET } from './brick-levels.js';
import { BrickLattice, brickSamples, bricksOfCells, latticeSamples, type SampleSource } from './brick-samples.js';
import type { DistanceStore } from './distance-store.js';
import { type Evaluation, evaluateSamples } from './evaluate-samples.js';
import { doubleLattice, missingNodes } from './grid-lattice.js';
import type { ShapeLattices } from './shape-lattices.js';

export interface LevelSettings extends Trust {
  /** Cells along the grid, a multiple of GRID_MULTIPLE. */
  readonly grid: number;
  /** Half the side of the box, model units. */
  readonly halfExtent: number;
  /** Levels that would take longer are left out, milliseconds. */
  readonly longestLevel: number;
}

/** Whoever wants to know how far filling is. */
export interface FillingProgress {
  /** So many query points were handed over. */
  evaluated(count: number): void;
  /** Of the level under way, 0 to 1. */
  advanced(share: number): void;
  /** A whole level stands in the table; cells along the box. */
  shown(resolution: number): void;
}

/** Subcells of bricks that are looked through before the page has its turn: some ten milliseconds. */
const PRUNED_AT_ONCE = 8192;

/** One shape's way from a lattice over the box to bricks at their finest: each level shows the next where the surface may be. */
export class LevelFiller {
  constructor(
    private readonly _evaluation: Evaluation,
    private readonly _settings: LevelSettings,
    private readonly _lattices: ShapeLattices,
    private readonly _progress: FillingProgress,
  ) {}

  /** The first level. @returns whether it is shown */
  async fillCoarse(latent: Float32Array, { cells, resolution }: BrickLevel, isCurrent: () => boolean): Promise<boolean> {
    const samples = latticeSamples(cells, this._settings.halfExtent);
    if (!(await this._evaluate(latent, samples, this._lattices.openLattice(cells), isCurrent, FIRST_BUDGET))) return false;
    this._lattices.showLattice();
    this._progress.shown(resolution);
    return true;
  }

  /** The others, as far as time and room allow. @returns false where it was given up */
  async fillFiner(latent: Float32Array, levels: readonly BrickLevel[], isCurrent: () => boolean): Promise<boolean> {
    const { grid, halfExtent } = this._settings;
    const lattice = await this._lattices.readLattice();
    if (!isCurrent()) return false;
    let cells = this._cellsOf(lattice);
    if (levels.length === 0 || cells.length === 0) return true;
    let nodes = lattice;
    if (this._lattices.cells < grid) {
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
      if (cells.length === 0 || this._isTooMuch(source.estimate) || !this._lattices.fits(cells.length, level.cells)) break;
      const found = this._lattices.openBricks(cells, level.cells);
      if (!(await this._evaluate(latent, source, found, isCurrent))) return false;
      this._lattices.showBricks(brickOfCell, cells.length, level.cells);
      this._progress.shown(level.resolution);
      if (level === levels.at(-1)) break;
      const distances = await found.read();
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
    const found = this._lattices.makeStore('nodes', nodes.length);
    try {
      if (!(await this._evaluate(latent, latticeSamples(grid, halfExtent, nodes), found, isCurrent))) return undefined;
      const values = await found.read();
      if (!isCurrent()) return undefined;
      const refined = doubleLattice(distances, grid / 2);
      nodes.forEach((node, i) => {
        refined[node] = values[i];
      });
      this._lattices.openLattice(grid).put(0, refined);
      this._lattices.showLattice();
      this._progress.shown(grid);
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
    const { cells } = this._lattices;
    return activeCells(lattice, cells, grid, (2 * halfExtent) / cells, this._settings);
  }

  private _isTooMuch(points: number): boolean {
    return this._evaluation.pace.timeFor(points) > this._settings.longestLevel;
  }

  private _evaluate(
    latent: Float32Array,
    source: SampleSource,
    into: DistanceStore,
    isCurrent: () => boolean,
    budget?: number,
  ): Promise<boolean> {
    return evaluateSamples(this._evaluation, latent, source, into, {
      isCurrent,
      budget,
      onBatch: (count) => this._progress.evaluated(count),
      onTurn: (done) => {
        if (done < 1) this._progress.advanced(done);
      },
    });
  }
}
