import { NeuralSdfError } from '../../errors.js';
import { type Layout, layOut } from '../../wasm/layout.js';
import { createMemory, instantiateKernels, type KernelModule, type Kernels, type KernelVariant, loadKernels } from '../../wasm/module.js';
import { adamFactors } from '../adam.js';
import { dropoutKey, dropoutThreshold } from '../dropout.js';
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
import { batchRoom, placeBatch, TILE_SAMPLES } from './place-batch.js';
import { WorkerPool } from './worker-pool.js';

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
  const { spec, shapeCount, dropout } = settings;
  const droppedLayers = dropout && dropout.probability > 0 ? dropout.layers : [];
  const layout = layOut({ spec, shapeCount, threads, tileSamples: TILE_SAMPLES, training: true, droppedLayers });
  const memory = createMemory(layout.end, batchRoom(layout), threads > 1);
  const common = {
    module: kernels.module,
    pairs: kernels.pairs,
    memory,
    plan: layout.address,
    failed: layout.plan.counters + layout.counterBytes - 4,
  };
  const pool = threads > 1 ? await WorkerPool.create(threads - 1, common) : undefined;
  return new WasmEngine(settings, layout, memory, kernels, instantiateKernels(kernels, memory), threads, pool);
}

class WasmEngine implements TrainingEngine {
  readonly description: string;
  private _step = 0;

  constructor(
    private readonly _settings: EngineSettings,
    private readonly _layout: Layout,
    private readonly _memory: WebAssembly.Memory,
    module: KernelModule,
    private readonly _kernels: Kernels,
    threads: number,
    private readonly _pool: WorkerPool | undefined,
  ) {
    const width = module.pairs ? ', 256 bits wide' : '';
    this.description = `wasm (${module.variant} SIMD${width}), ${threads} thread${threads > 1 ? 's' : ''}`;
    this._fixSettings(threads);
  }

  async step(batch: TrainingBatch, settings: StepSettings): Promise<StepReport> {
    this._checkBatch(batch, settings);
    const { plan, address, counterBytes } = this._layout;
    const kernels = this._kernels;
    this._fixRates(settings, this._step + 1);
    placeBatch(this._layout, this._memory, batch, this._settings, settings.dropoutSeed);
    this._step++;
    new Uint8Array(this._memory.buffer, plan.counters, counterBytes).fill(0);
    kernels.gatherCodes(address);
    const others = this._pool?.run();
    kernels.runStep(address, 0);
    await others;
    if (Number.isFinite(this._settings.codeBound)) kernels.boundLatents(address, this._settings.codeBound);
    const losses = new Float64Array(this._memory.buffer, plan.tileLosses, plan.tiles);
    return { loss: losses.reduce((sum, loss) => sum + loss, 0) / (plan.groups * plan.distanceRows) };
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

  private _checkBatch(batch: TrainingBatch, settings: StepSettings): void {
    const { shapes, samplesPerShape, stencilsPerShape = 0, points, distances } = batch;
    const samples = shapes.length * samplesPerShape;
    const distanceRows = samplesPerShape - 4 * stencilsPerShape;
    if (shapes.length === 0 || distanceRows <= 0 || points.length !== 3 * samples || distances.length !== samples) {
      throw new NeuralSdfError(
        'SHAPE_MISMATCH',
        `training batch: ${shapes.length} groups of ${samplesPerShape} rows, ${stencilsPerShape} stencils in each, but ${points.length} coordinates and ${distances.length} distances`,
        { samples },
      );
    }
    if (stencilsPerShape > 0 && distanceRows % 4 !== 0) {
      throw new NeuralSdfError(
        'SHAPE_MISMATCH',
        `training batch: ${distanceRows} samples a group before its stencils, not a multiple of 4`,
        {
          distanceRows,
        },
      );
    }
    for (const shape of shapes) {
      if (shape >= this._settings.shapeCount) {
        throw new NeuralSdfError('SHAPE_NOT_FOUND', `training batch: shape ${shape} of ${this._settings.shapeCount}`, { shape });
      }
    }
    if (this._settings.dropout && settings.dropoutSeed === undefined) {
      throw new NeuralSdfError('INVALID_ARGUMENT', 'training step: dropout needs a dropoutSeed');
    }
  }

  /** What stays the same from step to step. */
  private _fixSettings(threads: number): void {
    const { plan } = this._layout;
    const { loss, delta, dropout, gradientClip = 0 } = this._settings;
    plan.saturatedLoss = Number(loss === 'saturated-l1');
    plan.delta = delta;
    plan.gradientClip = gradientClip;
    plan.dropoutThreshold = dropoutThreshold(dropout?.probability ?? 0);
    plan.dropoutFactor = 1 / (1 - (dropout?.probability ?? 0));
    plan.beta1 = ADAM.beta1;
    plan.beta2 = ADAM.beta2;
    plan.epsilon = ADAM.epsilon;
    plan.rest1 = 1 - ADAM.beta1;
    plan.rest2 = 1 - ADAM.beta2;
    // A page's main thread may not sleep.
    plan.mayBlock = Number(threads > 1 && typeof document === 'undefined');
  }

  private _fixRates({ decoderRate, latentRate, regularization, dropoutSeed = 0 }: StepSettings, step: number): void {
    const { plan, layers } = this._layout;
    plan.decoderRate = adamFactors(decoderRate, step).scale;
    plan.latentRate = adamFactors(latentRate, step).scale;
    plan.rootScale = adamFactors(decoderRate, step).rootScale;
    plan.regularization = regularization;
    layers.forEach((layer, index) => {
      layer.dropoutKey = dropoutKey(dropoutSeed, index);
    });
  }
}
