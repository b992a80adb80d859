import { firstNotFinite } from '../decoder/decoder.js';
import type { DistanceEvaluator } from '../decoder/evaluator.js';
import { NeuralSdfError } from '../errors.js';
import { Pacer } from './pacer.js';
import { type Index3, SparseGrid } from './sparse-grid.js';

/** Cells along a side of the finest grid that is evaluated. */
export const MAX_RESOLUTION = 1024;

export interface GridOptions {
  /** Cells along a side of the cube, 1 to MAX_RESOLUTION. */
  readonly resolution: number;
  /** Half the cube's side, model units. */
  readonly halfExtent: number;
  /** Truncation distance of the decoder, model units: a value beyond says 'at least this far'. Infinity for an exact distance. */
  readonly delta: number;
  /** Share of min(|f|, delta) around a query point that holds no surface, as in NeuralShapes; 1 for an exact distance. */
  readonly stepScale: number;
  readonly signal?: AbortSignal;
  /** Called now and then with the share of the work that is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

export interface EvaluatedGrid {
  readonly grid: SparseGrid;
  /** Decoder evaluations spent. */
  readonly evaluations: number;
}

/** Query points per call of the evaluator. */
const BATCH = 4096;

/**
 * Evaluates a shape on a grid, coarse to fine.
 *
 * A block is skipped when the ball that sphere tracing trusts around its centre, of radius stepScale * min(|f|, delta), holds all of it:
 * |f| beyond delta proves no more than delta does, since training never looked there. Coarsest blocks are as large as that ball can
 * get; those not skipped are split, down to blocks of 2 or 4 cells, whose corners are all evaluated.
 *
 * `stepScale` is measured, and may be wrong at a few points. So wherever an evaluated corner contradicts the sign of a skipped block
 * beside it, that block is evaluated after all: the surface is followed and never ends at a skipped block. What can be lost is a
 * separate piece wholly within skipped blocks.
 * @throws NeuralSdfError RESOLUTION_TOO_LARGE with what it would take, INVALID_ARGUMENT, NOT_FINITE when the evaluator answers so;
 * the signal's reason when aborted
 */
export async function evaluateGrid(evaluator: DistanceEvaluator, options: GridOptions): Promise<EvaluatedGrid> {
  checkOptions(evaluator, options);
  const { resolution, halfExtent, delta, stepScale } = options;
  const spacing = (2 * halfExtent) / resolution;
  // A block whose half diagonal is all that can be trusted would be skipped by no value; leave a tenth to tell by.
  const canSkip = (blockSize: number) => halfDiagonal(blockSize, spacing) <= 0.9 * stepScale * delta;
  // Finest blocks of 2 take 30 % fewer evaluations than of 4, but eight times the tables.
  const leaf = canSkip(2) ? (resolution > 256 ? 4 : 2) : 4;
  const grid = new SparseGrid(resolution, halfExtent, leaf);
  const pacer = new Pacer(options.onProgress, options.signal);
  let evaluations = 0;
  /** @param indices [n, 3], in cells @param offset of the query points from there, in cells */
  const evaluate = (indices: ArrayLike<number>, offset: number): Float32Array => {
    const coordinates = new Float32Array(indices.length);
    for (let at = 0; at < indices.length; at++) coordinates[at] = (indices[at] + offset) * spacing - halfExtent;
    const values = new Float32Array(indices.length / 3);
    evaluator.evaluate(coordinates, values);
    evaluations += values.length;
    const bad = firstNotFinite(values);
    if (bad >= 0) {
      const point = [...coordinates.subarray(3 * bad, 3 * bad + 3)];
      throw new NeuralSdfError('NOT_FINITE', `the decoder answers ${values[bad]} at query point ${point.join(', ')}`, { point });
    }
    return values;
  };

  // Coarse to fine: lower corners of blocks of `size` cells that may hold surface.
  let size = leaf;
  while (canSkip(2 * size) && size < resolution) size *= 2;
  let blocks = subdivide([0, 0, 0], Math.ceil(resolution / size), size, resolution);
  for (; ; size /= 2) {
    const kept: Index3[] = [];
    const half = halfDiagonal(size, spacing);
    for (let start = 0; start < blocks.length; start += BATCH) {
      const batch = blocks.slice(start, start + BATCH);
      const values = evaluate(batch.flat(), size / 2);
      batch.forEach((block, at) => {
        const margin = stepScale * Math.min(Math.abs(values[at]), delta) - half;
        // Inside blocks on the boundary stay, because marching cubes closes the surface there.
        const open = values[at] < 0 && block.some((index) => index === 0 || index + size >= resolution);
        if (margin <= 0 || open) kept.push(block);
        else
          for (const leafBlock of subdivide(block, size / leaf, leaf, resolution)) grid.exclude(leafBlock, Math.sign(values[at]) * margin);
      });
      await pacer.tick(0);
    }
    blocks = kept;
    if (size === leaf) break;
    blocks = kept.flatMap((block) => subdivide(block, 2, size / 2, resolution));
  }

  // Evaluate what is left, and follow the surface into skipped blocks, which come up here in turn.
  for (const block of blocks) grid.activate(block);
  const corners = new Int32Array(3 * (BATCH + (leaf + 1) ** 3));
  let length = 0;
  let done = 0;
  for (const [i0, j0, k0] of grid.activeBlocks()) {
    const [i1, j1, k1] = [i0, j0, k0].map((low) => Math.min(resolution, low + leaf));
    for (let k = k0; k <= k1; k++) {
      for (let j = j0; j <= j1; j++) {
        for (let i = i0; i <= i1; i++) {
          if (!Number.isNaN(grid.evaluated(i, j, k))) continue;
          // Reserved, so that the next block does not ask for it again.
          grid.set(i, j, k, 0);
          corners[length++] = i;
          corners[length++] = j;
          corners[length++] = k;
        }
      }
    }
    if (++done < grid.activeCount && length < 3 * BATCH) continue;
    const values = evaluate(corners.subarray(0, length), 0);
    length = 0;
    values.forEach((value, at) => {
      const [i, j, k] = [corners[3 * at], corners[3 * at + 1], corners[3 * at + 2]];
      grid.set(i, j, k, value);
      grid.activateContradicted(i, j, k, value);
    });
    await pacer.tick(done / grid.activeCount);
  }
  return { grid, evaluations };
}

function checkOptions(evaluator: DistanceEvaluator, { resolution, halfExtent, delta, stepScale }: GridOptions): void {
  const refuse = (name: string, value: number, rule: string): never => {
    throw new NeuralSdfError('INVALID_ARGUMENT', `grid: ${name} is ${value}, must be ${rule}`, { name, value });
  };
  if (!Number.isInteger(resolution) || resolution < 1) refuse('resolution', resolution, `an integer from 1 to ${MAX_RESOLUTION}`);
  if (!(halfExtent > 0 && halfExtent < Number.POSITIVE_INFINITY)) refuse('halfExtent', halfExtent, 'finite and above 0');
  if (!(delta > 0)) refuse('delta', delta, 'above 0');
  if (!(stepScale > 0 && stepScale <= 1)) refuse('stepScale', stepScale, 'above 0 and at most 1');
  if (resolution <= MAX_RESOLUTION) return;
  const { evaluations, bytes, seconds } = estimateCost(evaluator, resolution);
  throw new NeuralSdfError(
    'RESOLUTION_TOO_LARGE',
    `resolution ${resolution} is above ${MAX_RESOLUTION}: it would take about ${(bytes / 2 ** 30).toFixed(1)} GiB and ` +
      `${Math.ceil(seconds / 60)} minutes (${evaluations.toExponential(0)} evaluations); choose a lower one`,
    { resolution, limit: MAX_RESOLUTION, bytes, seconds },
  );
}

/**
 * What a shape would take: measured on the tests' shapes, 10 to 40 evaluations for each cell on one face of the cube, and 20 bytes for each
 * of them, mesh included; beside these, two tables of blocks.
 */
function estimateCost(evaluator: DistanceEvaluator, resolution: number): { evaluations: number; bytes: number; seconds: number } {
  const evaluations = 20 * resolution ** 2;
  const started = performance.now();
  evaluator.evaluate(new Float32Array(3 * BATCH), new Float32Array(BATCH));
  const seconds = ((performance.now() - started) / 1000 / BATCH) * evaluations;
  return { evaluations, bytes: 20 * evaluations + 8 * (resolution / 4) ** 3, seconds };
}

function halfDiagonal(cells: number, spacing: number): number {
  return (cells * spacing * Math.sqrt(3)) / 2;
}

/** Lower corners of the perSide^3 blocks of `size` that fill a larger one from `start` on, as far as they begin below `end`. */
function subdivide(start: Index3, perSide: number, size: number, end: number): Index3[] {
  const [ei, ej, ek] = start.map((low) => Math.min(end, low + perSide * size));
  const blocks: Index3[] = [];
  for (let k = start[2]; k < ek; k += size) {
    for (let j = start[1]; j < ej; j += size) {
      for (let i = start[0]; i < ei; i += size) blocks.push([i, j, k]);
    }
  }
  return blocks;
}
