import { NeuralSdfError } from '../../errors.js';
import { TILE_DEPTH, tileThreads } from '../../gpu/matrix/tile.js';
import type { TrainingBatch } from '../engine.js';
import type { OperandType } from './compose-kernels.js';
import { type Plan, padTo } from './plan.js';
import type { LayerRecord } from './uniforms.js';

/** Bytes that activations may take; a batch that needs more is computed in chunks. */
const ACTIVATION_BYTES = 2 ** 29;
/** Threads that a product of weight gradients is cut into slices for; a GPU has room for about so many. */
const BUSY_THREADS = 65536;
/** Rows of a slice at least, lest writing its sums shows. */
const LEAST_ROWS_PER_SLICE = 128;

export interface BatchShape {
  readonly groups: number;
  /** Rows of a group. */
  readonly rows: number;
  /** Of them samples; the rest are stencils. */
  readonly samples: number;
}

/** Where everything lies whose size depends on the batch. */
export interface BatchPlan extends BatchShape {
  readonly tilesPerGroup: number;
  /** Of the whole batch. */
  readonly tiles: number;
  /** Tiles computed at a time. */
  readonly chunkTiles: number;
  /** With slices. */
  readonly layers: readonly LayerRecord[];
  /** Numbers in all slices. */
  readonly partials: number;
}

/** What a device allows. */
export interface BatchLimits {
  /** maxStorageBufferBindingSize */
  readonly bindingBytes: number;
  readonly operand: OperandType;
  /** Rows that may be computed before others get their turn; Infinity where nobody waits. */
  readonly chunkRows: number;
}

/** @throws NeuralSdfError SHAPE_MISMATCH, SHAPE_NOT_FOUND, INVALID_ARGUMENT */
export function batchShapeOf(plan: Plan, batch: TrainingBatch): BatchShape {
  const { shapes, samplesPerShape: rows, stencilsPerShape = 0, points, distances } = batch;
  const groups = shapes.length;
  const samples = rows - 4 * stencilsPerShape;
  if (groups * rows === 0 || points.length !== 3 * groups * rows || distances.length !== groups * rows) {
    throw new NeuralSdfError(
      'SHAPE_MISMATCH',
      `training batch: ${groups} groups of ${rows} rows, but ${points.length} coordinates and ${distances.length} distances`,
      { groups, rows },
    );
  }
  const { shapeCount } = plan.settings;
  const missing = shapes.find((shape) => shape >= shapeCount);
  if (missing !== undefined) {
    throw new NeuralSdfError('SHAPE_NOT_FOUND', `training batch: shape ${missing} of ${shapeCount}`, { shape: missing });
  }
  if (samples < 1 || (stencilsPerShape > 0 && samples % 4 !== 0) || groups > 65535) {
    throw new NeuralSdfError(
      'INVALID_ARGUMENT',
      `training batch: ${groups} groups of ${samples} samples and ${stencilsPerShape} stencils; WebGPU takes at most 65,535 groups, each with samples, and with stencils a multiple of 4 of them`,
      { groups, samples, stencilsPerShape },
    );
  }
  return { groups, rows, samples };
}

/** @throws NeuralSdfError BACKEND_UNAVAILABLE where the device has no room for the smallest chunk */
export function planBatch(plan: Plan, shape: BatchShape, limits: BatchLimits): BatchPlan {
  const { tile } = plan;
  const tilesPerGroup = Math.ceil(shape.rows / tile.rows);
  const tiles = shape.groups * tilesPerGroup;
  const chunkTiles = Math.min(tiles, tilesThatFit(plan, limits));
  const numbers = Math.floor(limits.bindingBytes / 4);
  let threads = BUSY_THREADS;
  let cut = cutSlices(plan, chunkTiles * tile.rows, threads);
  for (; cut.partials > numbers && threads > 1; threads /= 2) cut = cutSlices(plan, chunkTiles * tile.rows, threads);
  if (chunkTiles < 1 || Math.max(plan.parameters, plan.weights, cut.partials) > numbers) {
    const { bindingBytes } = limits;
    throw new NeuralSdfError('BACKEND_UNAVAILABLE', `this GPU's ${bindingBytes} bytes a buffer are too few for the decoder`, {
      bindingBytes,
    });
  }
  return { ...shape, tilesPerGroup, tiles, chunkTiles, ...cut };
}

function tilesThatFit({ tile, layers, run }: Plan, { bindingBytes, operand, chunkRows }: BatchLimits): number {
  const operandBytes = operand === 'f16' ? 2 : 4;
  const strides = layers.flatMap(({ inputStride, outputStride }) => [inputStride, outputStride]);
  const widest = Math.max(...strides);
  const bytesPerRow = operandBytes * strides.reduce((sum, stride) => sum + stride, 0);
  const rows = Math.min(chunkRows, ACTIVATION_BYTES / bytesPerRow, bindingBytes / (4 * widest));
  // One tile at least, whatever the wait: a device with room for that takes it.
  const fit = Math.max(1, Math.floor(rows / tile.rows));
  return Math.min(fit, 65535, Math.floor(bindingBytes / (4 * run.sumStride)), Math.floor(bindingBytes / (4 * widest * tile.rows)));
}

/** The output layer needs no slices: its gradients are column sums. */
function cutSlices({ tile, layers }: Plan, rows: number, threads: number): { layers: LayerRecord[]; partials: number } {
  let partials = 0;
  const cut = layers.map((layer, index): LayerRecord => {
    if (index === layers.length - 1) return layer;
    const workgroups = (layer.outputStride / tile.rows) * (layer.inputStride / tile.columns);
    const wanted = Math.ceil(threads / (workgroups * tileThreads(tile).count));
    const most = Math.ceil(rows / LEAST_ROWS_PER_SLICE);
    const rowsPerSlice = padTo(TILE_DEPTH, Math.ceil(rows / Math.min(wanted, most)));
    const slices = Math.ceil(rows / rowsPerSlice);
    const partialAt = partials;
    partials += slices * layer.outputStride * layer.inputStride;
    return { ...layer, partialAt, slices, rowsPerSlice };
  });
  return { layers: cut, partials };
}
