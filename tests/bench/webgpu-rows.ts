import { installWebGpu } from '../../src/gpu/device-node.js';
import { SMALL_TILE, type Tile } from '../../src/gpu/matrix/tile.js';
import { Random } from '../../src/random.js';
import type { StepSettings } from '../../src/training/engine.js';
import { initializeState } from '../../src/training/state.js';
import { tilesFor } from '../../src/training/webgpu/choose-tile.js';
import type { OperandType } from '../../src/training/webgpu/compose-kernels.js';
import { measureMultiply } from '../../src/training/webgpu/measure-multiply.js';
import { TrainingDevice } from '../../src/training/webgpu/training-device.js';
import { createWebGpuEngine } from '../../src/training/webgpu/webgpu-engine.js';
import { type BenchCase, batchOf, CASES, foldedFlopPerSample, nominalFlopPerSample, SAMPLES_PER_GROUP, settingsOf } from './train-cases.js';

export interface WebGpuBenchOptions {
  /** Where to ask for an adapter; Dawn's own when not given. */
  readonly gpu?: GPU;
  /** Of each case. */
  readonly seconds: number;
  /** A few samples and small matrices, on a software adapter too: to see that all of it runs. */
  readonly quick: boolean;
}

/** Training: one decoder, one precision. */
export interface BenchRow {
  readonly decoder: string;
  readonly dropout: number;
  readonly precision: 'float32' | 'float16';
  readonly engine: string;
  readonly batch: number;
  readonly samplesPerSecond: number;
  /** As PyTorch's are counted: 6 operations a weight. */
  readonly nominalGigaflops: number;
  /** What is really multiplied. */
  readonly gigaflops: number;
  /** Of the device's fastest product of 2048^3 in the same precision. */
  readonly shareOfProduct: number;
}

/** A bare product of matrices. */
export interface ProductRow {
  readonly precision: 'float32' | 'float16';
  readonly tile: string;
  readonly gigaflops: number;
  readonly isRight: boolean;
}

const STEP: StepSettings = { decoderRate: 1e-4, latentRate: 1e-4, regularization: 1e-4, dropoutSeed: 1 };
const OPERANDS = { float32: 'f32', float16: 'f16' } as const satisfies Record<BenchRow['precision'], OperandType>;

/** Every tile on a product of 2048^3. @throws NeuralSdfError BACKEND_UNAVAILABLE */
export async function benchProducts({ gpu, quick }: WebGpuBenchOptions): Promise<ProductRow[]> {
  const on = await TrainingDevice.open({ gpu: gpu ?? (await installWebGpu()), allowSoftware: quick });
  const side = quick ? 128 : 2048;
  const rows: ProductRow[] = [];
  for (const precision of precisionsOf(on.device)) {
    for (const tile of quick ? [SMALL_TILE] : tilesFor(on.device, OPERANDS[precision])) {
      const { flops, isRight } = await measureMultiply(on, tile, OPERANDS[precision], { rows: side, columns: side, depth: side });
      rows.push({ precision, tile: nameOf(tile), gigaflops: flops / 1e9, isRight });
    }
  }
  on.dispose();
  return rows;
}

/** Our WGSL training engine on every case of the bench. @throws NeuralSdfError BACKEND_UNAVAILABLE */
export async function benchWebGpuTraining(options: WebGpuBenchOptions, products?: readonly ProductRow[]): Promise<BenchRow[]> {
  const rates = products ?? (await benchProducts(options));
  const rows: BenchRow[] = [];
  for (const each of CASES) {
    for (const precision of ['float32', 'float16'] as const) {
      const fastest = Math.max(...rates.filter((rate) => rate.precision === precision && rate.isRight).map((rate) => rate.gigaflops));
      if (fastest > 0) rows.push(await benchCase(each, precision, fastest, options));
    }
  }
  return rows;
}

async function benchCase(
  each: BenchCase,
  precision: BenchRow['precision'],
  fastest: number,
  options: WebGpuBenchOptions,
): Promise<BenchRow> {
  const settings = settingsOf(each);
  const gpu = options.gpu ?? (await installWebGpu());
  const engine = await createWebGpuEngine(settings, { gpu, precision, allowSoftware: options.quick });
  await engine.writeState(initializeState(settings, 0.01, new Random(2)));
  const batch = batchOf(options.quick ? 16 : SAMPLES_PER_GROUP);
  const take = async (seconds: number): Promise<number> => {
    const start = performance.now();
    let steps = 0;
    for (; steps === 0 || performance.now() - start < seconds * 1000; steps++) await engine.step(batch, STEP);
    // Steps are only queued until something is read back.
    await engine.readState();
    return (steps * batch.distances.length) / ((performance.now() - start) / 1000);
  };
  await take(options.seconds / 2);
  const samplesPerSecond = await take(options.seconds);
  engine.dispose();
  const gigaflops = (samplesPerSecond * foldedFlopPerSample(each.spec)) / 1e9;
  return {
    decoder: each.decoder,
    dropout: each.dropout,
    precision,
    engine: engine.description,
    batch: batch.distances.length,
    samplesPerSecond,
    nominalGigaflops: (samplesPerSecond * nominalFlopPerSample(each.spec)) / 1e9,
    gigaflops,
    shareOfProduct: gigaflops / fastest,
  };
}

function precisionsOf(device: GPUDevice): BenchRow['precision'][] {
  return device.features.has('shader-f16') ? ['float32', 'float16'] : ['float32'];
}

function nameOf({ rows, columns, shared, units }: Tile): string {
  const way = units ? `units ${units.m}x${units.n}x${units.k}` : shared ? 'shared' : 'direct';
  return `${rows}x${columns}, ${way}`;
}
