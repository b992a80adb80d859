import type { PickingInfo } from '@babylonjs/core/Collisions/pickingInfo.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { Observable, type Observer } from '@babylonjs/core/Misc/observable.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { checkLatent, type Decoder } from '../../src/decoder/decoder.js';
import type { EditPlan } from '../../src/editing/edit-plan.js';
import { NeuralSdfError } from '../../src/errors.js';
import { ShapeEdits } from '../editing/edits.js';
import { InstancedShapeMesh } from '../instances/instanced-shape-mesh.js';
import { ShapePicker } from '../picking/picking.js';
import { ShapeBuffers } from '../shape/shape-buffers.js';
import { SharedDecoder } from '../shape/shared-decoder.js';
import type { TraceStatus } from '../shape/trace-status.js';
import { canTrace, reasonNotToTrace } from './can-trace.js';
import type { NeuralSdfMeshOptions } from './mesh-options.js';
import { createProxyBox, fitProxyBox } from './proxy-box.js';

/** A mesh's neural shape: its data on the GPU, what is done to it, and where rays meet it. */
export abstract class ShapeMesh extends InstancedShapeMesh {
  /** Notified when `traceStatus` changed: a finer level of bricks, or the progress of one. */
  readonly onTraceStatusChangedObservable = new Observable<TraceStatus>();
  protected readonly _buffers: ShapeBuffers | undefined;
  private readonly _picker = new ShapePicker(this);
  private readonly _exchanged: Observer<object> | undefined;
  private _edits: ShapeEdits | undefined;

  /**
   * @param latent [codeLength], copied
   * @param decoder from `_acquireDecoder`
   */
  constructor(
    name: string,
    private _shapes: NeuralShapes,
    scene: Scene,
    latent: Float32Array,
    decoder: SharedDecoder | undefined,
  ) {
    super(name, scene, latent);
    createProxyBox(this, _shapes.halfExtent);
    if (!decoder) return;
    this._buffers = new ShapeBuffers(decoder, this._latent);
    this._exchanged = decoder.onExchangedObservable.add((by) => {
      // Weights that somebody else writes into the table are not known here.
      if (by !== this && !this._buffers?.isTrainedElsewhere) this._applyLatent();
    });
  }

  /**
   * What traces a mesh's shapes; undefined where nothing can. Before there is a mesh: a decoder that cannot be traced as the options ask
   * must leave none behind.
   * @throws NeuralSdfError DECODER_UNSUPPORTED
   */
  protected static _acquireDecoder(scene: Scene, shapes: NeuralShapes, options: NeuralSdfMeshOptions): SharedDecoder | undefined {
    const engine = scene.getEngine();
    return canTrace(engine) ? SharedDecoder.acquire(engine as WebGPUEngine, shapes, options) : undefined;
  }

  /** Shows the traced or the baked form, as things stand now. */
  protected abstract _updateVisibility(): void;

  /** @internal */
  abstract onEditsSettled(): void;

  get shapes(): NeuralShapes {
    const { decoder = this._shapes.decoder } = this._buffers?.decoder ?? {};
    // A live decoder's weights may have been exchanged by another mesh.
    if (decoder !== this._shapes.decoder) this._shapes = { ...this._shapes, decoder };
    return this._shapes;
  }

  /** What is traced; undefined where nothing can be. */
  get buffers(): ShapeBuffers | undefined {
    return this._buffers;
  }

  /** How the shape is put before the shader, how fine that is by now, and its measured error. */
  get traceStatus(): TraceStatus {
    if (this._buffers && !this._buffers.hasFailed) return this._buffers.status;
    const reason = this._buffers ? 'its shaders did not compile' : (reasonNotToTrace(this.getEngine()) ?? '');
    return { form: 'baked', reason, resolution: 0, progress: 1, isComplete: true };
  }

  /**
   * Other weights for the same layers, from the next frame on, without compilation: for a mesh created with `live`, whose decoder trains.
   * Meshes that share the decoder show them too, each with the code it has; not those whose table `updateTable` has written.
   * @param latent the shape's code by the new weights; default: the one it has
   * @throws NeuralSdfError INVALID_ARGUMENT where the mesh is not live, SHAPE_MISMATCH, LATENT_LENGTH, NOT_FINITE
   */
  updateDecoder(decoder: Decoder, latent: ArrayLike<number> = this._latent): void {
    checkLatent(decoder.spec, latent);
    this._buffers?.decoder.setDecoder(decoder, this);
    this._shapes = { ...this._shapes, decoder };
    this.setLatent(latent);
  }

  /**
   * The same for a decoder that trains on this engine's own device: `write` queues the copy into the mesh's table (laid out as
   * src/gpu/buffered-decoder.ts says), and nothing is read back. What runs on the processor (colliders, bakes) keeps to the last
   * `updateDecoder`. Without effect where the mesh is not traced.
   * @throws NeuralSdfError INVALID_ARGUMENT where the mesh is not live, and where another code than the mesh's own is shown: operands of kind
   * 'shape', and instances with codes of their own, are folded on the processor
   */
  updateTable(write: (table: GPUBuffer) => void): void {
    if (!this._buffers) return;
    this._buffers.decoder.checkLive();
    if (this.editPlan?.latents.length || this._buffers.hasInstanceLatents) {
      throw new NeuralSdfError(
        'INVALID_ARGUMENT',
        `mesh "${this.name}": operands and instances with latent codes of their own do not follow a table: remove them, or call updateDecoder`,
      );
    }
    this._buffers.writeTable(write);
  }

  /** Operations on the shape: union, subtraction, intersection, rounding, shell, cut plane. */
  get edits(): ShapeEdits {
    this._edits ??= new ShapeEdits(this);
    return this._edits;
  }

  /** Whether `edits` was ever asked for. */
  protected get _hasEdits(): boolean {
    return this._edits !== undefined;
  }

  /** What the edits come to, for evaluating the edited shape (see EditedField) and its bounds; undefined while there are none. */
  get editPlan(): EditPlan | undefined {
    return this._edits?.plan;
  }

  /** @internal */
  get refusesOtherCodes(): string | undefined {
    return this._buffers?.refusesOtherCodes;
  }

  /** @internal */
  applyEdits(plan: EditPlan): void {
    fitProxyBox(this, plan.bounds);
    this._buffers?.setEdits(plan).then(
      () => this._updateVisibility(),
      (error: unknown) => this._onFailed(error),
    );
  }

  /** What cannot be traced is shown baked, edits and all. */
  protected _onFailed(error: unknown): void {
    // A user who disposes of the mesh meanwhile need not know.
    if (this.isDisposed()) return;
    const why = error instanceof NeuralSdfError ? error.message : `its shaders did not compile: ${error}`;
    Logger.Error(`babylon-neural-sdf: mesh "${this.name}" is shown baked: ${why}`);
    this._updateVisibility();
  }

  /**
   * Where a ray meets the shape, exactly, whichever form is shown; a NeuralSdfPickingInfo where it does. There are no triangles to ask
   * `trianglePredicate` about.
   */
  override intersects(...args: Parameters<AbstractMesh['intersects']>): PickingInfo {
    const [ray, , , onlyBoundingInfo, worldToUse] = args;
    if (onlyBoundingInfo) return super.intersects(...args);
    const world = worldToUse ?? this.getWorldMatrix();
    const latent = this._thinLatentAt(world) ?? this.latent;
    return this._picker.pick(ray, world, { shapes: this.shapes, latent, plan: this.editPlan });
  }

  override dispose(doNotRecurse?: boolean, disposeMaterialAndTextures = false): void {
    if (this.isDisposed()) return;
    super.dispose(doNotRecurse, disposeMaterialAndTextures);
    this._edits?.dispose();
    this.onTraceStatusChangedObservable.clear();
    this._buffers?.decoder.onExchangedObservable.remove(this._exchanged ?? null);
    this._buffers?.decoder.release();
    this._buffers?.dispose();
  }
}
