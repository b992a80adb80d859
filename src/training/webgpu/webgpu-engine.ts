import { multiplyAddsPerEvaluation, validateSpec } from '../../decoder/spec.js';
import { NeuralSdfError } from '../../errors.js';
import { adamFactors } from '../adam.js';
import type { EngineSettings, StepReport, StepSettings, TrainingBatch, TrainingEngine, TrainingState } from '../engine.js';
import { checkState } from '../state-layout.js';
import { type BatchLimits, type BatchPlan, type BatchShape, batchShapeOf } from './batch-plan.js';
import { Buffers } from './buffers.js';
import { chooseTile } from './choose-tile.js';
import { compileKernels, type Pipelines } from './compile-kernels.js';
import type { OperandType } from './compose-kernels.js';
import { type DecoderMemory, makeDecoderMemory } from './decoder-memory.js';
import { type DecoderParts, type Dispatch, encodeDispatches, planWeighing } from './dispatches.js';
import type { DecoderBuffers } from './hand-over.js';
import { LossRing } from './loss-ring.js';
import { type Plan, planDevice } from './plan.js';
import { type DeviceOptions, TrainingDevice } from './training-device.js';
import { BATCH_FIELDS, type BatchRecord, LAYER_FIELDS, RUN_FIELDS, structBytes, UNIFORM_ALIGNMENT } from './uniforms.js';
import { isSameShape, makeWorkspace, type Workspace } from './workspace.js';

/**
 * Of what is multiplied; sums, parameters and moments are float32 in any case. 'auto' is float32: with float16, 2,000 steps of a 4x64
 * decoder on two shapes ended with an error near the surface of 0.00169 instead of 0.00156. Where a GPU multiplies it by its matrix units,
 * many more steps in the same time may be worth that.
 */
export type Precision = 'auto' | 'float32' | 'float16';

export interface WebGpuEngineOptions extends DeviceOptions {
  /** Default 'auto'. */
  readonly precision?: Precision;
  /** Rows of a batch computed in one submission at most; for a device of its own as many as fit, for a scene's so many that it stays fluent. */
  readonly chunkRows?: number;
}

/** Gradients grow by this much until they are collected: below 6e-8 float16 has no numbers. */
const FLOAT16_SCALE = 256;
/** A chunk of a batch takes at most so long, seconds, where a scene waits to be rendered. */
const PATIENCE = 0.02;

/**
 * Trains with our own WGSL kernels: the whole step stays on the GPU, and nothing is read back but the loss, every 20 steps and late.
 * Kernels are compiled and timed first, without blocking the page.
 * @throws NeuralSdfError BACKEND_UNAVAILABLE without a real GPU, or one that has what it takes; INVALID_SPEC
 */
export async function createWebGpuEngine(settings: EngineSettings, options: WebGpuEngineOptions = {}): Promise<WebGpuEngine> {
  validateSpec(settings.spec);
  const on = await TrainingDevice.open(options);
  try {
    const operand = operandType(on.device, options.precision ?? 'auto');
    const { tile, flops } = await chooseTile(on, settings, operand);
    const plan = planDevice(settings, tile, operand === 'f16' ? FLOAT16_SCALE : 1);
    const pipelines = await compileKernels(on.device, plan, operand);
    const fluent = on.isShared && flops ? (PATIENCE * flops) / (6 * multiplyAddsPerEvaluation(settings.spec)) : Number.POSITIVE_INFINITY;
    const chunkRows = options.chunkRows ?? fluent;
    const limits = { bindingBytes: on.device.limits.maxStorageBufferBindingSize, operand, chunkRows };
    return await on.checked(() => new WebGpuEngine(on, plan, pipelines, limits));
  } catch (error) {
    on.dispose();
    throw error;
  }
}

/** @throws NeuralSdfError BACKEND_UNAVAILABLE */
function operandType(device: GPUDevice, precision: Precision): OperandType {
  if (precision !== 'float16') return 'f32';
  if (device.features.has('shader-f16')) return 'f16';
  throw new NeuralSdfError('BACKEND_UNAVAILABLE', "this GPU device has no float16 ('shader-f16'): train in float32", { backend: 'webgpu' });
}

export class WebGpuEngine implements TrainingEngine {
  readonly description: string;
  private readonly _on: TrainingDevice;
  private readonly _plan: Plan;
  private readonly _limits: BatchLimits;
  private readonly _buffers: Buffers;
  private readonly _decoder: DecoderMemory;
  private readonly _losses: LossRing;
  private readonly _parts: DecoderParts;
  private readonly _weighing: Dispatch;
  private _workspace: Workspace | undefined;
  private _step = 0;

  /** For `createWebGpuEngine`. */
  constructor(on: TrainingDevice, plan: Plan, pipelines: Pipelines, limits: BatchLimits) {
    const { device } = on;
    const { description, architecture, vendor } = device.adapterInfo;
    const units = plan.tile.units ? ' on matrix units' : '';
    this.description = `WebGPU (${description || architecture || vendor}, ${limits.operand === 'f16' ? 'float16' : 'float32'}${units})`;
    this._on = on;
    this._plan = plan;
    this._limits = limits;
    this._buffers = new Buffers(device, limits.operand);
    this._decoder = makeDecoderMemory(this._buffers, plan);
    this._losses = new LossRing(this._buffers);
    this._parts = { device, pipelines, plan, decoder: this._decoder, losses: this._losses.losses };
    this._weighing = planWeighing(this._parts);
  }

  async step(batch: TrainingBatch, settings: StepSettings): Promise<StepReport> {
    const { batch: plan, memory, dispatches } = await this._workspaceFor(batchShapeOf(this._plan, batch));
    const record = this._batchRecord(plan, settings);
    const { queue } = this._on.device;
    queue.writeBuffer(memory.shapes, 0, batch.shapes as Uint32Array<ArrayBuffer>);
    queue.writeBuffer(memory.points, 0, batch.points as Float32Array<ArrayBuffer>);
    queue.writeBuffer(memory.targets, 0, batch.distances as Float32Array<ArrayBuffer>);
    this._step++;
    const isLossDue = this._losses.isDue;
    for (let firstTile = 0; firstTile < plan.tiles; firstTile += plan.chunkTiles) {
      const tiles = Math.min(plan.chunkTiles, plan.tiles - firstTile);
      const [isFirst, isLast] = [firstTile === 0, firstTile + tiles === plan.tiles];
      const chunk = { ...record, firstTile, chunkRows: tiles * this._plan.tile.rows, isFirstChunk: Number(isFirst) };
      queue.writeBuffer(memory.batch, 0, structBytes(BATCH_FIELDS, chunk));
      await this._on.submit((encoder) => {
        const pass = encoder.beginComputePass({ label: 'neural-sdf training step' });
        if (isFirst) encodeDispatches(pass, dispatches.begin, tiles);
        encodeDispatches(pass, dispatches.chunk, tiles);
        if (isLast) encodeDispatches(pass, dispatches.end, tiles);
        pass.end();
        if (isLast && isLossDue) this._losses.copy(encoder);
      });
    }
    await this._on.settled(this._losses.count(isLossDue));
    return { loss: this._losses.mean };
  }

  async readState(): Promise<TrainingState> {
    const { parameters, firstMoments, secondMoments } = this._decoder;
    const step = this._step;
    const [values, first, second] = await Promise.all([parameters, firstMoments, secondMoments].map((buffer) => this._tensors(buffer)));
    return { step, parameters: values, firstMoments: first, secondMoments: second };
  }

  async writeState(state: TrainingState): Promise<void> {
    checkState(this._plan.tensors, state);
    const { queue } = this._on.device;
    for (const part of ['parameters', 'firstMoments', 'secondMoments'] as const) {
      let at = 0;
      for (const tensor of state[part]) {
        queue.writeBuffer(this._decoder[part], 4 * at, tensor as Float32Array<ArrayBuffer>);
        at += tensor.length;
      }
    }
    queue.writeBuffer(this._decoder.run, 0, structBytes(RUN_FIELDS, this._plan.run));
    this._writeLayers();
    await this._on.submit((encoder) => {
      const pass = encoder.beginComputePass({ label: 'neural-sdf training weights' });
      encodeDispatches(pass, [this._weighing], 0);
      pass.end();
    });
    this._step = state.step;
    await this._losses.restart();
  }

  /**
   * The decoder as it lies on the device, for whoever draws it there: nothing is read back (see hand-over.ts). Every step overwrites it, in
   * the queue's order.
   */
  decoderBuffers(): DecoderBuffers {
    return { decoder: this._decoder.decoder, parameters: this._decoder.parameters };
  }

  dispose(): void {
    this._workspace?.destroy();
    this._buffers.destroy();
    this._on.dispose();
  }

  private async _workspaceFor(shape: BatchShape): Promise<Workspace> {
    if (this._workspace && isSameShape(this._workspace.batch, shape)) return this._workspace;
    this._workspace?.destroy();
    this._workspace = undefined;
    this._workspace = await makeWorkspace(this._on, this._parts, shape, this._limits);
    this._writeLayers();
    return this._workspace;
  }

  /** Slices depend on the batch, all else does not. */
  private _writeLayers(): void {
    for (const layer of this._workspace?.batch.layers ?? this._plan.layers) {
      this._on.device.queue.writeBuffer(this._decoder.layers, UNIFORM_ALIGNMENT * layer.index, structBytes(LAYER_FIELDS, layer));
    }
  }

  private _batchRecord(batch: BatchPlan, settings: StepSettings): BatchRecord {
    const { groups, rows, samples, tilesPerGroup } = batch;
    const { eikonal, dropout } = this._plan.settings;
    if (dropout && settings.dropoutSeed === undefined) {
      throw new NeuralSdfError('INVALID_ARGUMENT', 'training step: dropout needs a dropoutSeed');
    }
    const stencils = (rows - samples) / 4;
    const { scale: decoderScale, rootScale } = adamFactors(settings.decoderRate, this._step + 1);
    return {
      groups,
      rows,
      samples,
      tilesPerGroup,
      firstTile: 0,
      chunkRows: 0,
      isFirstChunk: 1,
      lossSlot: this._losses.slot,
      dropoutSeed: settings.dropoutSeed ?? 0,
      stencilFactor: stencils > 0 ? ((eikonal?.weight ?? 0) * samples) / stencils : 0,
      gradientFactor: 1 / (groups * samples * this._plan.run.gradientScale),
      regularization: settings.regularization,
      decoderScale,
      latentScale: adamFactors(settings.latentRate, this._step + 1).scale,
      rootScale,
    };
  }

  private async _tensors(buffer: GPUBuffer): Promise<Float32Array[]> {
    const bytes = await this._on.read(buffer);
    let at = 0;
    return this._plan.tensors.map(({ length }) => {
      at += length;
      return new Float32Array(bytes, 4 * (at - length), length).slice();
    });
  }
}
