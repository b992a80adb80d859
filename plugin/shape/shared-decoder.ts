import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Observable, type Observer } from '@babylonjs/core/Misc/observable.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import type { Decoder } from '../../src/decoder/decoder.js';
import { type FoldedDecoder, foldDecoder } from '../../src/decoder/folding.js';
import { normalKinkWidths } from '../../src/decoder/kink-widths.js';
import { NeuralSdfError } from '../../src/errors.js';
import { type BakedDecoder, bakeDecoder } from '../../src/gpu/bake-decoder.js';
import type { BrickTools } from '../../src/gpu/bricks/brick-field.js';
import { bakeBricks, brickTableBytes } from '../../src/gpu/bricks/brick-layout.js';
import { ViewRefiner } from '../../src/gpu/bricks/refine-view.js';
import { bakeBufferedDecoder } from '../../src/gpu/buffered-decoder.js';
import { type BakeDecision, chooseBake } from '../../src/gpu/choose-bake.js';
import { chooseConstants } from '../../src/gpu/choose-constants.js';
import { editedConstants, type SlotStrides, type TraceConstants } from '../../src/gpu/compose-wgsl.js';
import { DistanceGridFiller } from '../../src/gpu/distance-grid.js';
import { isSoftwareAdapter, isSwiftShader } from '../../src/gpu/software-adapter.js';
import { ViewTracer } from '../../src/gpu/view-tracer.js';
import { deviceOf } from '../device.js';
import { AsyncPipelines } from '../material/async-pipelines.js';
import { brickConstants, createBrickTools } from './brick-tools.js';
import type { TraceOptions } from './trace-options.js';
import { ViewRefiners } from './view-refiners.js';
import { ViewTracers } from './view-tracers.js';

const perEngine = new WeakMap<AbstractEngine, SharedDecoder[]>();
let nextId = 1;

/** A decoder as an engine's shaders need it: folded, baked to WGSL, its grid compiled. Freed when its last user releases it. */
export class SharedDecoder {
  /** Tells decoders apart among Babylon's defines: its cache of effects knows shaders by them, not by their text. */
  readonly id = nextId++;
  readonly baked: BakedDecoder;
  /** vec4 entries of weights in a shape's table, behind its biases: a live decoder's. */
  readonly weightVectors: number = 0;
  /** Notified with whoever has exchanged the weights, once they are there: the tables of all others are to be written anew. */
  readonly onExchangedObservable = new Observable<object>();
  /** What compiles the shaders that trace it. */
  readonly pipelines: AsyncPipelines;
  /** What traces a camera's view in compute. */
  readonly viewTracers: ViewTracers;
  /** What refines hits in bricks at rest. */
  readonly viewRefiners: ViewRefiners;
  private _filler: Promise<DistanceGridFiller> | undefined;
  private _editedFiller: Promise<DistanceGridFiller> | undefined;
  private _bricks: Promise<BrickTools> | undefined;
  private _decoder: Decoder;
  private _folded: FoldedDecoder;
  private _users = 0;
  private readonly _restored: Observer<AbstractEngine>;

  private constructor(
    readonly engine: WebGPUEngine,
    { decoder, shapes, halfExtent }: NeuralShapes,
    readonly constants: TraceConstants,
    /** How the decoder is put before the shader, and why. */
    readonly bake: BakeDecision,
    /** Finest level of bricks, cells along the box; 0 for what suits the adapter. */
    readonly brickResolution: number,
  ) {
    this.pipelines = AsyncPipelines.of(engine);
    this._decoder = decoder;
    this._folded = foldDecoder(decoder);
    if (bake.form === 'bricks') {
      this.baked = bakeBricks();
    } else if (this.live) {
      const buffered = bakeBufferedDecoder(this._folded);
      this.baked = buffered;
      this.weightVectors = buffered.weightVectors;
    } else {
      const kinkWidths = normalKinkWidths(decoder, shapes[0].latent, halfExtent);
      this.baked = bakeDecoder(this._folded, { gradient: true, kinkWidths, parts: isSwiftShader(deviceOf(engine).adapterInfo) });
    }
    this.viewTracers = new ViewTracers(engine, this.pipelines, (device, edited) =>
      ViewTracer.create(device, this.baked, this.constants, edited),
    );
    this.viewRefiners = new ViewRefiners(engine, (device) => ViewRefiner.create(device, this.baked, this.constants));
    this._restored = engine.onContextRestoredObservable.add(() => {
      this._filler = undefined;
      this._editedFiller = undefined;
      this._disposeBricks();
    });
  }

  /** The one of this engine, decoder and options, made when there is none yet. Pair with `release`. */
  static acquire(engine: WebGPUEngine, shapes: NeuralShapes, options: TraceOptions = {}): SharedDecoder {
    const known = perEngine.get(engine) ?? [];
    perEngine.set(engine, known);
    const { adapterInfo } = deviceOf(engine);
    const adapter = { isSoftware: isSoftwareAdapter({ info: adapterInfo }) };
    const bake = chooseBake(shapes.decoder.spec, adapter, options.bake ?? (options.live ? 'buffer' : 'auto'));
    const brickResolution = options.brickResolution ?? 0;
    const chosen = chooseConstants(shapes, options);
    const constants = bake.form === 'bricks' ? brickConstants(chosen) : chosen;
    const names = Object.keys(constants) as (keyof TraceConstants)[];
    let shared = known.find(
      (one) =>
        one.decoder === shapes.decoder &&
        one.bake.form === bake.form &&
        one.brickResolution === brickResolution &&
        names.every((name) => one.constants[name] === constants[name]),
    );
    if (!shared) {
      shared = new SharedDecoder(engine, shapes, constants, bake, brickResolution);
      known.push(shared);
    }
    shared.retain();
    return shared;
  }

  /** Weights in a buffer, which `setDecoder` exchanges. */
  get live(): boolean {
    return this.bake.form === 'buffer';
  }

  get decoder(): Decoder {
    return this._decoder;
  }

  get folded(): FoldedDecoder {
    return this._folded;
  }

  /**
   * Other weights for the same layers; each shape's table is to be written anew.
   * @param by the one of its users that will do so by itself
   * @throws NeuralSdfError INVALID_ARGUMENT where the weights are baked into the shader, SHAPE_MISMATCH for other layers
   */
  setDecoder(decoder: Decoder, by: object): void {
    this.checkLive();
    if (JSON.stringify(decoder.spec) !== JSON.stringify(this._decoder.spec)) {
      throw new NeuralSdfError('SHAPE_MISMATCH', 'a live decoder can be exchanged only for one of the same spec', { spec: decoder.spec });
    }
    this._decoder = decoder;
    this._folded = foldDecoder(decoder);
    this.onExchangedObservable.notifyObservers(by);
  }

  /** @throws NeuralSdfError INVALID_ARGUMENT where the weights are not in a buffer */
  checkLive(): void {
    if (this.live) return;
    throw new NeuralSdfError(
      'INVALID_ARGUMENT',
      'the weights of this decoder are baked into its shader: create the mesh with { live: true }',
    );
  }

  /** The compute pipelines that fill grids, compiled on first use without blocking. */
  get filler(): Promise<DistanceGridFiller> {
    this._filler ??= DistanceGridFiller.create(deviceOf(this.engine), this.baked, this.constants);
    return this._filler;
  }

  /** The same for shapes with edits. */
  get editedFiller(): Promise<DistanceGridFiller> {
    this._editedFiller ??= DistanceGridFiller.create(deviceOf(this.engine), this.baked, this.constants, true);
    return this._editedFiller;
  }

  /** What fills bricks, compiled on first use without blocking. */
  get bricks(): Promise<BrickTools> {
    this._bricks ??= createBrickTools(this);
    return this._bricks;
  }

  /** Bytes of a shape's table: its biases, and a live decoder's weights; of bricks, before there are any. */
  get tableBytes(): number {
    if (this.bake.form === 'bricks') return brickTableBytes(this.constants.gridResolution, 0, 1);
    return 16 * (this.baked.biasVectors + this.weightVectors);
  }

  /** Bytes of a shape's grid. */
  get gridBytes(): number {
    return 4 * this.constants.gridResolution ** 3;
  }

  /** Bytes from one instance's slot to the next: what a storage binding's offset must be a multiple of. */
  get slotStrides(): SlotStrides {
    const stride = (bytes: number) => 256 * Math.ceil(bytes / 256);
    const editedGrid = 4 * editedConstants(this.constants).gridResolution ** 3;
    return { table: stride(this.tableBytes), grid: stride(this.gridBytes), editedGrid: stride(editedGrid) };
  }

  /** One more user. Pair with `release`. */
  retain(): void {
    this._users++;
  }

  release(): void {
    if (--this._users > 0) return;
    this.engine.onContextRestoredObservable.remove(this._restored);
    this.pipelines.releaseDecoder(this.id);
    this.viewTracers.dispose();
    this._disposeBricks();
    const known = perEngine.get(this.engine);
    known?.splice(known.indexOf(this), 1);
  }

  private _disposeBricks(): void {
    this._bricks?.then(
      ({ evaluator }) => evaluator.dispose(),
      () => {},
    );
    this._bricks = undefined;
    this.viewRefiners.release();
  }
}
