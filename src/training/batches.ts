import { Random } from '../random.js';
import type { TrainingBatch } from './engine.js';
import { placeStencils } from './place-stencils.js';
import type { RowBlock, RowCounts, SampleSide, SampleSource } from './sample-source.js';
import type { TrainingSettings } from './settings.js';

/** Where a BatchSource stands: one restored from it goes on with the very same batches. */
export interface BatchSourceState {
  /** Random.save() */
  readonly random: readonly number[];
  /** Shapes in the order of the current pass. */
  readonly order: readonly number[];
  /** How many of them the pass has used. */
  readonly used: number;
}

/** What of a run's settings its batches depend on. */
export type BatchSettings = Pick<TrainingSettings, 'shapesPerStep' | 'samplesPerShape' | 'delta' | 'eikonal'>;

/**
 * Rows that are drawn together, 4 KiB: a page of the disk. Single rows from a disk would cost as much each. Six runs of 1,200 steps
 * (4x64, four real shapes) ended at a mean loss of 0.00440; with rows drawn one by one at 0.00444, in 14 % more time.
 */
const BLOCK_ROWS = 256;

/**
 * Endless batches: shapes in shuffled passes, so that each is visited equally often, and of each shape as many samples
 * inside as outside (as the authors' code does, which keeps decoders from calling all of space outside).
 *
 * Samples come in blocks of neighbours in the source's random order, each block from anywhere: a disk reads them at once. (The
 * authors' code, when told to keep samples in memory, takes half a batch as one such block.) While one batch is computed on, the
 * next is read.
 */
export class BatchSource {
  private readonly _source: SampleSource;
  private readonly _settings: BatchSettings;
  private _random: Random;
  private _order: readonly number[];
  private _used: number;
  /** As of the last batch handed out, whatever has been read ahead. */
  private _state: BatchSourceState;
  private _ahead: Promise<{ batch: TrainingBatch; state: BatchSourceState }> | undefined;
  private readonly _rows: Float32Array;

  constructor(source: SampleSource, settings: BatchSettings, random: Random) {
    this._source = source;
    this._settings = settings;
    this._random = random;
    this._order = Array.from({ length: source.shapeCount }, (_, i) => i);
    this._used = source.shapeCount;
    this._state = this._now();
    this._rows = new Float32Array(4 * settings.shapesPerStep * settings.samplesPerShape);
  }

  /** @throws NeuralSdfError SAMPLES_INVALID naming the shape that cannot be used; what the source throws */
  async next(): Promise<TrainingBatch> {
    const { batch, state } = await (this._ahead ?? this._draw());
    this._state = state;
    this._ahead = this._draw();
    // Whoever asks for that batch hears of its failure.
    this._ahead.catch(() => undefined);
    return batch;
  }

  save(): BatchSourceState {
    return this._state;
  }

  /** Before the first batch. */
  restore(state: BatchSourceState): void {
    this._random = Random.restore(state.random);
    this._order = state.order;
    this._used = state.used;
    this._state = state;
  }

  /** Waits for what is being read ahead: the source may be closed then. */
  async settle(): Promise<void> {
    await this._ahead?.catch(() => undefined);
  }

  private _now(): BatchSourceState {
    return { random: this._random.save(), order: this._order, used: this._used };
  }

  private async _draw(): Promise<{ batch: TrainingBatch; state: BatchSourceState }> {
    const { shapesPerStep, samplesPerShape, delta, eikonal } = this._settings;
    const random = this._random;
    const shapes = Uint32Array.from({ length: shapesPerStep }, () => this._nextShape());
    const blocks: RowBlock[] = [];
    for (const shape of shapes) this._chooseBlocks(shape, await this._source.rowCounts(shape), blocks);
    await this._source.read(blocks, this._rows);
    const stencilsPerShape = eikonal?.stencilsPerShape ?? 0;
    const rowsPerShape = samplesPerShape + 4 * stencilsPerShape;
    const points = new Float32Array(3 * shapesPerStep * rowsPerShape);
    const distances = new Float32Array(shapesPerStep * rowsPerShape);
    for (let group = 0; group < shapesPerStep; group++) {
      const first = group * rowsPerShape;
      const pointsOfGroup = points.subarray(3 * first, 3 * (first + rowsPerShape));
      const distancesOfGroup = distances.subarray(first, first + samplesPerShape);
      this._interleave(group, pointsOfGroup, distancesOfGroup);
      if (eikonal) placeStencils(pointsOfGroup, distancesOfGroup, eikonal, delta, random);
    }
    const batch = { shapes, samplesPerShape: rowsPerShape, points, distances, ...(eikonal && { stencilsPerShape }) };
    return { batch, state: this._now() };
  }

  private _nextShape(): number {
    if (this._used === this._order.length) {
      this._order = this._random.shuffle([...this._order]);
      this._used = 0;
    }
    return this._order[this._used++];
  }

  /** Half a shape's samples from either side; the last block may be shorter. */
  private _chooseBlocks(shape: number, counts: RowCounts, blocks: RowBlock[]): void {
    for (const side of ['negative', 'positive'] as const satisfies SampleSide[]) {
      const rows = counts[side];
      for (let left = this._settings.samplesPerShape / 2; left > 0; ) {
        const count = Math.min(BLOCK_ROWS, rows, left);
        blocks.push({ shape, side, first: this._random.index(rows), count });
        left -= count;
      }
    }
  }

  /** Of a group's rows the inner half goes to the even places, the outer half to the odd ones. */
  private _interleave(group: number, points: Float32Array, distances: Float32Array): void {
    const count = distances.length;
    for (let i = 0; i < count; i++) {
      const from = 4 * (group * count + (i >> 1) + (i % 2) * (count / 2));
      points[3 * i] = this._rows[from];
      points[3 * i + 1] = this._rows[from + 1];
      points[3 * i + 2] = this._rows[from + 2];
      distances[i] = this._rows[from + 3];
    }
  }
}
