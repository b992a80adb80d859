import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import type { Observer } from '@babylonjs/core/Misc/observable.js';
import type { NeuralShapes } from '../src/asset/neural-shapes.js';
import type { Decoder } from '../src/decoder/decoder.js';
import { type FoldedDecoder, foldDecoder } from '../src/decoder/folding.js';
import { type BakedDecoder, bakeDecoder } from '../src/gpu/bake-decoder.js';
import type { TraceConstants } from '../src/gpu/compose-wgsl.js';
import { DistanceGridFiller, gridResolutionFor } from '../src/gpu/distance-grid.js';
import { AsyncPipelines } from './async-pipelines.js';
import { deviceOf } from './device.js';

/** Settings that shape the code, so that meshes which share a decoder share them. */
export interface TraceOptions {
  /**
   * Cells along each side of the grid that empty space is leapt over by; default 32, raised where `delta` asks for it. Filling
   * it costs gridResolution^3 evaluations a latent edit.
   */
  readonly gridResolution?: number;
  /** Cap on decoder evaluations along a ray; default 64. */
  readonly maxEvaluations?: number;
}

const perEngine = new WeakMap<AbstractEngine, SharedDecoder[]>();
let nextId = 1;

/** A decoder as an engine's shaders need it: folded, baked to WGSL, its grid compiled. Freed when its last user releases it. */
export class SharedDecoder {
  /** Tells decoders apart among Babylon's defines: its cache of effects knows shaders by them, not by their text. */
  readonly id = nextId++;
  readonly decoder: Decoder;
  readonly folded: FoldedDecoder;
  readonly baked: BakedDecoder;
  readonly constants: TraceConstants;
  /** What compiles the shaders that trace it. */
  readonly pipelines: AsyncPipelines;
  private _filler: Promise<DistanceGridFiller> | undefined;
  private _users = 0;
  private readonly _restored: Observer<AbstractEngine>;

  private constructor(
    readonly engine: WebGPUEngine,
    shapes: NeuralShapes,
    private readonly _options: TraceOptions,
  ) {
    this.pipelines = AsyncPipelines.of(engine);
    this.decoder = shapes.decoder;
    this.folded = foldDecoder(shapes.decoder);
    this.baked = bakeDecoder(this.folded, { gradient: true });
    this.constants = {
      halfExtent: shapes.halfExtent,
      delta: shapes.delta,
      stepScale: shapes.stepScale,
      gridResolution: gridResolutionFor(shapes, _options.gridResolution ?? 32),
      // A twentieth of a pixel where the box fills a 1000-pixel screen; the Newton step that follows leaves far less.
      tolerance: 2e-4 * shapes.halfExtent,
      maxEvaluations: _options.maxEvaluations ?? 64,
    };
    this._restored = engine.onContextRestoredObservable.add(() => {
      this._filler = undefined;
    });
  }

  /** The one of this engine, decoder and options, made when there is none yet. Pair with `release`. */
  static acquire(engine: WebGPUEngine, shapes: NeuralShapes, options: TraceOptions = {}): SharedDecoder {
    const known = perEngine.get(engine) ?? [];
    perEngine.set(engine, known);
    let shared = known.find(
      ({ decoder, constants, _options }) =>
        decoder === shapes.decoder &&
        constants.halfExtent === shapes.halfExtent &&
        constants.delta === shapes.delta &&
        constants.stepScale === shapes.stepScale &&
        _options.gridResolution === options.gridResolution &&
        _options.maxEvaluations === options.maxEvaluations,
    );
    if (!shared) {
      shared = new SharedDecoder(engine, shapes, options);
      known.push(shared);
    }
    shared.retain();
    return shared;
  }

  /** The compute pipelines that fill grids, compiled on first use without blocking. */
  get filler(): Promise<DistanceGridFiller> {
    this._filler ??= DistanceGridFiller.create(deviceOf(this.engine), this.baked, this.constants);
    return this._filler;
  }

  /** Bytes of a shape's bias table. */
  get biasBytes(): number {
    return 16 * this.baked.biasVectors;
  }

  /** Bytes of a shape's grid. */
  get gridBytes(): number {
    return 4 * this.constants.gridResolution ** 3;
  }

  /** One more user. Pair with `release`. */
  retain(): void {
    this._users++;
  }

  release(): void {
    if (--this._users > 0) return;
    this.engine.onContextRestoredObservable.remove(this._restored);
    this.pipelines.releaseDecoder(this.id);
    const known = perEngine.get(this.engine);
    known?.splice(known.indexOf(this), 1);
  }
}
