import { NeuralSdfError } from '../../errors.js';
import { Arena, type Layout, layOut, padTo, writeLayout } from '../../wasm/layout.js';
import {
  createMemory,
  growMemory,
  instantiateKernels,
  type KernelModule,
  type Kernels,
  type KernelVariant,
  loadKernels,
} from '../../wasm/module.js';
import {
  ADAM,
  type EngineSettings,
  type StepReport,
  type StepSettings,
  type TrainingBatch,
  type TrainingEngine,
  type TrainingState,
} from '../engine.js';
import { checkState, stateLayout } from '../state-layout.js';
import { WorkerPool } from './worker-pool.js';

/** Samples that go forward and backward together: their activations stay in the cache of a core. */
const TILE_SAMPLES = 128;
/** A slice has weight gradients of its own: fewer tiles than this, and zeroing and adding them up would show. */
const TILES_PER_SLICE = 4;
/** Threads beyond it would have nothing to do. */
const MOST_SLICES = 16;
/** For batches: enough for a million samples with the paper's decoder. */
const BATCH_ROOM_BYTES = 2 ** 28;

export interface WasmEngineOptions {
  /** Threads, the calling one included; more than one needs SharedArrayBuffer (in a page: cross-origin isolation). Default 1. */
  readonly threads?: number;
  /** Instruction set; the fastest that the machine has when not given. A run that must be bit-equal keeps to one. */
  readonly variant?: KernelVariant;
}

/**
 * Trains with our own WebAssembly kernels. For a given variant every bit of the result is determined by the state and the batches, whatever
 * the number of threads: the batch is cut into slices that do not depend on it, and their sums are added in a fixed order.
 * The calling thread works too, and is blocked meanwhile: in a page, call this from a worker.
 * @throws NeuralSdfError INVALID_SPEC, INVALID_ARGUMENT, BACKEND_UNAVAILABLE without WebAssembly SIMD or the memory it takes
 */
export async function createWasmEngine(settings: EngineSettings, options: WasmEngineOptions = {}): Promise<TrainingEngine> {
  const asked = options.threads ?? 1;
  if (!Number.isInteger(asked) || asked < 1) {
    throw new NeuralSdfError('INVALID_ARGUMENT', `wasm engine: threads must be a whole number from 1 on, not ${asked}`, { threads: asked });
  }
  const threads = typeof SharedArrayBuffer === 'undefined' ? 1 : asked;
  const kernels = await loadKernels({ shared: threads > 1, variant: options.variant });
  const layout = layOut({ spec: settings.spec, shapeCount: settings.shapeCount, threads, tileSamples: TILE_SAMPLES, training: true });
  layout.plan.saturatedLoss = Number(settings.loss === 'saturated-l1');
  layout.plan.delta = settings.delta;
  const room = MOST_SLICES * layout.plan.sliceGradientStride + BATCH_ROOM_BYTES;
  const memory = createMemory(layout.end, room, threads > 1);
  const pool =
    threads > 1 ? await WorkerPool.create(threads - 1, { module: kernels.module, memory, nextSlice: layout.nextSlice }) : undefined;
  return new WasmEngine(settings, layout, memory, kernels, instantiateKernels(kernels, memory), threads, pool);
}

class WasmEngine implements TrainingEngine {
  readonly description: string;
  private _step = 0;
  /** Address of room for a latent code. */
  private _scratch = 0;

  constructor(
    private readonly _settings: EngineSettings,
    private readonly _layout: Layout,
    private readonly _memory: WebAssembly.Memory,
    module: KernelModule,
    private readonly _kernels: Kernels,
    threads: number,
    private readonly _pool: WorkerPool | undefined,
  ) {
    this.description = `wasm (${module.variant} SIMD), ${threads} thread${threads > 1 ? 's' : ''}`;
  }

  async step(batch: TrainingBatch, settings: StepSettings): Promise<StepReport> {
    this._checkBatch(batch);
    const { plan, address } = this._layout;
    const kernels = this._kernels;
    this._placeBatch(batch);
    kernels.packWeights(address);
    kernels.foldGroups(address);
    await this._runSlices();
    kernels.collectGradients(address, settings.regularization, this._scratch);
    this._step++;
    this._adam(0, plan.latents, settings.decoderRate);
    this._adam(plan.latents, plan.parameterBytes, settings.latentRate);
    if (Number.isFinite(this._settings.codeBound)) kernels.boundLatents(address, this._settings.codeBound);
    const losses = new Float64Array(this._memory.buffer, plan.tileLosses, plan.tiles);
    return { loss: losses.reduce((sum, loss) => sum + loss, 0) / batch.distances.length };
  }

  async readState(): Promise<TrainingState> {
    const { plan, tensors } = this._layout;
    const copy = (base: number) =>
      tensors.map(({ offset, length }) => new Float32Array(this._memory.buffer, base + offset, length).slice());
    return {
      step: this._step,
      parameters: copy(plan.parameters),
      firstMoments: copy(plan.firstMoments),
      secondMoments: copy(plan.secondMoments),
    };
  }

  async writeState(state: TrainingState): Promise<void> {
    checkState(stateLayout(this._settings), state);
    const { plan, tensors } = this._layout;
    for (const part of ['parameters', 'firstMoments', 'secondMoments'] as const) {
      tensors.forEach(({ offset, length }, i) => {
        new Float32Array(this._memory.buffer, plan[part] + offset, length).set(state[part][i]);
      });
    }
    this._step = state.step;
  }

  dispose(): void {
    this._pool?.dispose();
  }

  private _checkBatch(batch: TrainingBatch): void {
    const samples = batch.shapes.length * batch.samplesPerShape;
    if (samples === 0 || batch.points.length !== 3 * samples || batch.distances.length !== samples) {
      throw new NeuralSdfError(
        'SHAPE_MISMATCH',
        `training batch: ${batch.shapes.length} groups of ${batch.samplesPerShape} samples, but ${batch.points.length} coordinates and ${batch.distances.length} distances`,
        { samples },
      );
    }
    for (const shape of batch.shapes) {
      if (shape >= this._settings.shapeCount) {
        throw new NeuralSdfError('SHAPE_NOT_FOUND', `training batch: shape ${shape} of ${this._settings.shapeCount}`, { shape });
      }
    }
  }

  /** Behind what is fixed, since batches may differ in size. */
  private _placeBatch(batch: TrainingBatch): void {
    const { plan, end } = this._layout;
    const arena = new Arena(end);
    plan.groups = batch.shapes.length;
    plan.samplesPerShape = batch.samplesPerShape;
    plan.tilesPerGroup = Math.ceil(batch.samplesPerShape / TILE_SAMPLES);
    plan.tileSamples = padTo(8, Math.ceil(batch.samplesPerShape / plan.tilesPerGroup));
    plan.tiles = plan.groups * plan.tilesPerGroup;
    plan.slices = Math.max(1, Math.min(MOST_SLICES, Math.floor(plan.tiles / TILES_PER_SLICE)));
    plan.shapes = arena.take(batch.shapes.length * 4);
    plan.codes = arena.take(plan.groups * plan.codeStride);
    plan.biases = arena.take(plan.groups * plan.biasStride);
    plan.tileSums = arena.take(plan.tiles * plan.biasStride);
    plan.tileLosses = arena.take(plan.tiles * 8);
    plan.points = arena.take(batch.points.length * 4);
    // The last tile reads whole panels.
    plan.distances = arena.take(batch.distances.length * 4 + 32);
    plan.sliceGradients = arena.take(plan.slices * plan.sliceGradientStride);
    this._scratch = arena.take(plan.codeStride);
    growMemory(this._memory, arena.end);
    writeLayout(this._layout, this._memory);
    new Uint32Array(this._memory.buffer, plan.shapes).set(batch.shapes);
    new Float32Array(this._memory.buffer, plan.points).set(batch.points);
    new Float32Array(this._memory.buffer, plan.distances).set(batch.distances);
  }

  private async _runSlices(): Promise<void> {
    const { plan, address, nextSlice } = this._layout;
    const next = new Int32Array(this._memory.buffer, nextSlice, 1);
    Atomics.store(next, 0, 0);
    const others = this._pool?.run({ plan: address, slices: plan.slices });
    for (let slice = Atomics.add(next, 0, 1); slice < plan.slices; slice = Atomics.add(next, 0, 1)) {
      this._kernels.runSlice(address, 0, slice);
    }
    await others;
  }

  private _adam(from: number, to: number, rate: number): void {
    const { beta1, beta2, epsilon } = ADAM;
    const stepSize = rate / (1 - beta1 ** this._step);
    const correction = 1 / Math.sqrt(1 - beta2 ** this._step);
    this._kernels.adam(this._layout.address, from, to, stepSize, correction, beta1, beta2, epsilon);
  }
}
