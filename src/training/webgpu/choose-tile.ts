import { planLayers } from '../../decoder/spec.js';
import { NeuralSdfError } from '../../errors.js';
import { type MatrixUnits, SMALL_TILE, TILES, type Tile, tileMemory, tilePadding, tileThreads, unitsTile } from '../../gpu/matrix/tile.js';
import type { EngineSettings } from '../engine.js';
import type { OperandType } from './compose-kernels.js';
import { measureMultiply, type ProductSize } from './measure-multiply.js';
import { planDevice } from './plan.js';
import type { TrainingDevice } from './training-device.js';

export interface ChosenTile {
  readonly tile: Tile;
  /** As measured; undefined on a software adapter, where nothing is. */
  readonly flops?: number;
}

/** Rates measured, by device, then by what was measured: the next engine need not wait for them. */
const measured = new WeakMap<GPUDevice, Map<string, Promise<number>>>();

/**
 * The tile with which a device computes a decoder fastest: each that fits is timed on a product of the decoder's width, which takes some
 * ten milliseconds each. One that gets the product wrong is no candidate: matrix units are young, and their sums may not be float32.
 * @throws NeuralSdfError BACKEND_UNAVAILABLE where none is left, DEVICE_LOST
 */
export async function chooseTile(on: TrainingDevice, settings: EngineSettings, operand: OperandType): Promise<ChosenTile> {
  if (on.isSoftware) return { tile: SMALL_TILE };
  const width = Math.min(1024, Math.max(...planLayers(settings.spec).map(({ outputs }) => outputs)));
  let best: Required<ChosenTile> | undefined;
  let shortest = Number.POSITIVE_INFINITY;
  for (const tile of tilesFor(on.device, operand)) {
    const padded = Math.ceil(width / tilePadding(tile)) * tilePadding(tile);
    const flops = await rateOf(on, tile, operand, { rows: 4096, columns: padded, depth: padded });
    const seconds = multiplyAddsPerRow(settings, tile) / flops;
    if (flops > 0 && seconds < shortest) {
      shortest = seconds;
      best = { tile, flops };
    }
  }
  if (!best) throw new NeuralSdfError('BACKEND_UNAVAILABLE', 'this GPU multiplies matrices wrongly', { backend: 'webgpu' });
  return best;
}

/** What a row of the batch costs, padding included: it decides for small tiles where a decoder is narrow. */
function multiplyAddsPerRow(settings: EngineSettings, tile: Tile): number {
  return planDevice(settings, tile, 1).layers.reduce((sum, { inputStride, outputStride }) => sum + inputStride * outputStride, 0);
}

/** Those that a device has the threads, the memory and the features for. */
export function tilesFor(device: GPUDevice, operand: OperandType): Tile[] {
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupStorageSize } = device.limits;
  const units = operand === 'f16' ? matrixUnits(device).map(unitsTile) : [];
  return [...units, ...TILES].filter(
    (tile) => tileThreads(tile).count <= maxComputeInvocationsPerWorkgroup && tileMemory(tile) <= maxComputeWorkgroupStorageSize,
  );
}

interface SubgroupInfo {
  readonly subgroupMinSize?: number;
  readonly subgroupMaxSize?: number;
  readonly subgroupMatrixConfigs?: readonly { componentType: string; resultComponentType: string; M: number; N: number; K: number }[];
}

/** Those that sum up in float32, on a device whose subgroups are all of one size. */
function matrixUnits(device: GPUDevice): MatrixUnits[] {
  if (!device.features.has('chromium-experimental-subgroup-matrix' as GPUFeatureName)) return [];
  const { subgroupMinSize: threads = 0, subgroupMaxSize, subgroupMatrixConfigs = [] } = device.adapterInfo as SubgroupInfo;
  if (threads !== subgroupMaxSize || 4 * threads < 64 || 4 * threads > 256) return [];
  return subgroupMatrixConfigs
    .filter(({ componentType, resultComponentType }) => componentType === 'f16' && resultComponentType === 'f32')
    .filter(({ M, N, K }) => [M, N, K].every((size) => size <= 16 && 16 % size === 0))
    .map(({ M: m, N: n, K: k }) => ({ m, n, k, threads }));
}

/** 0 for a tile that multiplies wrongly: matrix units must prove that they also read what lies transposed. */
function rateOf(on: TrainingDevice, tile: Tile, operand: OperandType, size: ProductSize): Promise<number> {
  const known = measured.get(on.device) ?? new Map<string, Promise<number>>();
  measured.set(on.device, known);
  const measure = async (): Promise<number> => {
    const { flops, isRight } = await measureMultiply(on, tile, operand, size);
    if (!isRight) return 0;
    return !tile.units || (await measureMultiply(on, tile, operand, size, 'depth')).isRight ? flops : 0;
  };
  const key = JSON.stringify([tile, operand, size]);
  const rate = known.get(key) ?? measure();
  known.set(key, rate);
  return rate;
}
