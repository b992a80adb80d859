import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import type { Effect } from '@babylonjs/core/Materials/effect.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { Observable } from '@babylonjs/core/Misc/observable.js';
import { deviceOf } from '../device.js';
import { multisampledStage } from './multisample.js';

/** The private members of Babylon's pipeline cache (9.34) that are needed here. */
interface PipelineCache {
  _createRenderPipeline(effect: Effect, topology: string, sampleCount: number): GPURenderPipeline;
  _buildRenderPipelineDescriptor(effect: Effect, topology: string, sampleCount: number): GPURenderPipelineDescriptor;
  _setRenderPipeline(slot: CacheSlot): void;
  _parameter: CacheSlot;
  _isDirty: boolean;
  disabled: boolean;
}

interface CacheSlot {
  token: unknown;
  pipeline: GPURenderPipeline | null;
}

export type PipelineStatus = 'none' | 'pending' | 'ready' | 'failed';

/** Marks the shaders that this applies to, among all defines of an effect, and tells whose they are. */
const TRACED = /#define NEURAL_SDF_DECODER ([1-9]\d*)/;

interface EffectRecord {
  readonly decoderId: number;
  pending: number;
  ready: number;
  failed: number;
}

const perEngine = new WeakMap<WebGPUEngine, AsyncPipelines>();

/**
 * Babylon compiles a pipeline at the first draw that needs it, and the frame waits: seconds, for a baked decoder. Here the draws
 * of traced meshes go on with a stand-in that draws nothing, until the true pipeline has been compiled asynchronously. Whatever
 * the pass (canvas, shadow map, mirror, prepass), Babylon's own descriptor is compiled, so that nothing is compiled twice.
 */
export class AsyncPipelines {
  /** Notified when a pipeline starts or ends compiling. */
  readonly onChangedObservable = new Observable<void>();
  private readonly _effects = new Map<Effect, EffectRecord>();
  private _hooked: PipelineCache | undefined;
  private _empty: GPUShaderModule | undefined;
  private _pending = 0;
  /** Decoders whose shaders did not compile. */
  private readonly _reported = new Set<number>();

  private constructor(private readonly _engine: WebGPUEngine) {
    this._hook();
    this._freeReleasedEffects();
    // A lost device comes back with another cache.
    _engine.onContextRestoredObservable.add(() => this._hook());
  }

  static of(engine: WebGPUEngine): AsyncPipelines {
    let pipelines = perEngine.get(engine);
    if (!pipelines) {
      pipelines = new AsyncPipelines(engine);
      perEngine.set(engine, pipelines);
    }
    return pipelines;
  }

  /** Pipelines of this engine's traced meshes that are being compiled. */
  get pendingCount(): number {
    return this._pending;
  }

  /** Counts what is being compiled elsewhere for traced meshes, until it settles. */
  track(compilation: Promise<unknown>): void {
    const settle = (by: number) => {
      this._pending += by;
      this.onChangedObservable.notifyObservers();
    };
    settle(1);
    compilation.then(
      () => settle(-1),
      () => settle(-1),
    );
  }

  /** 'none' until the effect is first drawn with on this device. */
  statusOf(effect: Effect): PipelineStatus {
    const counts = this._effects.get(effect);
    if (!counts) return this._hooked ? 'none' : 'ready';
    if (counts.pending > 0) return 'pending';
    if (counts.ready > 0) return 'ready';
    return counts.failed > 0 ? 'failed' : 'none';
  }

  /** Babylon keeps effects for as long as a material may want them; those of a decoder that nobody uses any more can never serve again. */
  releaseDecoder(decoderId: number): void {
    for (const [effect, record] of this._effects) if (record.decoderId === decoderId) effect.dispose(true);
  }

  /**
   * Effects go with the last material that wanted them, whether they were ever drawn with or not. WebGPUEngine (9.34) then keeps a uniform
   * buffer of each.
   */
  private _freeReleasedEffects(): void {
    const engine = this._engine as unknown as { _releaseEffect?(effect: Effect): void };
    const release = engine._releaseEffect;
    if (!release) return;
    engine._releaseEffect = (effect) => {
      release.call(engine, effect);
      if (!TRACED.test(effect.defines)) return;
      this._effects.delete(effect);
      effect.getPipelineContext()?.dispose();
    };
  }

  private _hook(): void {
    const cache = (this._engine as unknown as { _cacheRenderPipeline?: PipelineCache })._cacheRenderPipeline;
    // Where a later Babylon has renamed any of it, pipelines are compiled as Babylon does, and the first frame waits.
    if (!cache?._createRenderPipeline || !cache._buildRenderPipelineDescriptor || !cache._setRenderPipeline || !cache._parameter) return;
    if (cache === this._hooked) return;
    this._hooked = cache;
    this._empty = undefined;
    // What the lost device had compiled, or was compiling, counts no more.
    for (const [effect, { decoderId }] of this._effects) this._effects.set(effect, { decoderId, pending: 0, ready: 0, failed: 0 });
    const create = cache._createRenderPipeline;
    cache._createRenderPipeline = (effect, topology, sampleCount) => {
      const decoderId = Number(TRACED.exec(effect.defines)?.[1]);
      if (!decoderId || cache.disabled) return create.call(cache, effect, topology, sampleCount);
      if (!this._effects.has(effect)) this._effects.set(effect, { decoderId, pending: 0, ready: 0, failed: 0 });
      const descriptor = cache._buildRenderPipelineDescriptor(effect, topology, sampleCount);
      const { fragment } = descriptor;
      const multisampled = fragment && multisampledStage(deviceOf(this._engine), effect, fragment, sampleCount);
      if (multisampled) descriptor.fragment = multisampled;
      void this._compileAsync(cache, effect, { ...cache._parameter }, descriptor);
      return this._createStandIn(descriptor);
    };
  }

  private async _compileAsync(
    cache: PipelineCache,
    effect: Effect,
    slot: CacheSlot,
    descriptor: GPURenderPipelineDescriptor,
  ): Promise<void> {
    const counts = this._effects.get(effect)!;
    counts.pending++;
    this._pending++;
    this.onChangedObservable.notifyObservers();
    try {
      slot.pipeline = await deviceOf(this._engine).createRenderPipelineAsync(descriptor);
      cache._setRenderPipeline(slot);
      // The cache would answer with the stand-in for as long as its state stays the same.
      cache._isDirty = true;
      counts.ready++;
    } catch (error) {
      counts.failed++;
      this._report(counts.decoderId, error);
    }
    counts.pending--;
    this._pending--;
    this.onChangedObservable.notifyObservers();
  }

  /** Once a decoder, whatever passes its meshes are drawn in. */
  private _report(decoderId: number, error: unknown): void {
    if (this._engine.isDisposed || this._reported.has(decoderId)) return;
    this._reported.add(decoderId);
    // By default, a device has room for 16.
    const { maxInterStageShaderVariables } = deviceOf(this._engine).limits;
    const hint = maxInterStageShaderVariables > 16 ? '' : ' (an engine created with { setMaximumLimits: true } has more room)';
    Logger.Error(`babylon-neural-sdf: a traced shader did not compile, and baked meshes are shown${hint}: ${error}`);
  }

  /** Fits the same pass and bind groups, compiles at once, writes nothing. */
  private _createStandIn(descriptor: GPURenderPipelineDescriptor): GPURenderPipeline {
    const device = deviceOf(this._engine);
    this._empty ??= device.createShaderModule({ label: 'neural-sdf stand-in', code: '@fragment fn main() {}' });
    const targets = [...(descriptor.fragment?.targets ?? [])];
    return device.createRenderPipeline({
      ...descriptor,
      label: 'neural-sdf stand-in',
      fragment: {
        module: this._empty,
        entryPoint: 'main',
        targets: targets.map((target) => target && { format: target.format, writeMask: 0 }),
      },
      depthStencil: descriptor.depthStencil && { ...descriptor.depthStencil, depthWriteEnabled: false, stencilWriteMask: 0 },
    });
  }
}
