import type { PickingInfo } from '@babylonjs/core/Collisions/pickingInfo.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Material } from '@babylonjs/core/Materials/material.js';
import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { SubMesh } from '@babylonjs/core/Meshes/subMesh.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { Observable, type Observer } from '@babylonjs/core/Misc/observable.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { checkLatent, type Decoder } from '../../src/decoder/decoder.js';
import type { EditPlan } from '../../src/editing/edit-plan.js';
import { NeuralSdfError } from '../../src/errors.js';
import { LevelOfDetail } from '../baked/level-of-detail.js';
import { FrameBudget } from '../budget/frame-budget.js';
import { ShapeEdits } from '../editing/edits.js';
import { InstancedShapeMesh } from '../instances/instanced-shape-mesh.js';
import { followDepthRenderers } from '../material/depth-variant.js';
import { TracedEffects } from '../material/effects.js';
import { NeuralSdfMaterialPlugin } from '../material/material-plugin.js';
import { ShapePicker } from '../picking/picking.js';
import { ShapeBuffers } from '../shape/shape-buffers.js';
import { SharedDecoder } from '../shape/shared-decoder.js';
import type { TraceStatus } from '../shape/trace-status.js';
import { canTrace, reasonNotToTrace } from './can-trace.js';
import { checkOptions, type NeuralSdfMeshOptions } from './mesh-options.js';
import { createProxyBox, fitProxyBox } from './proxy-box.js';

/** Height on the screen, pixels, below which a shape cannot be told from its baked mesh. */
const LOD_PIXELS = 32;

/** A mesh whose shape is sphere-traced: its data on the GPU, the material that traces it, its edits, its share of a frame. */
export abstract class TracedMesh extends InstancedShapeMesh {
  /** Notified when `traceStatus` changed: a finer level of bricks, or the progress of one. */
  readonly onTraceStatusChangedObservable = new Observable<TraceStatus>();
  protected readonly _lod: LevelOfDetail | undefined;
  private readonly _picker = new ShapePicker(this);
  private readonly _buffers: ShapeBuffers | undefined;
  private _plugin: NeuralSdfMaterialPlugin | undefined;
  private _ownsMaterial = false;
  private _edits: ShapeEdits | undefined;
  private _targetFrameTime = 0;
  private _budget: FrameBudget | undefined;
  private _pipelinesChanged: Observer<void> | undefined;

  /**
   * @param latent [codeLength], copied
   * @param decoder from `_acquireDecoder`
   */
  constructor(
    name: string,
    private _shapes: NeuralShapes,
    scene: Scene,
    options: NeuralSdfMeshOptions,
    latent: Float32Array,
    decoder: SharedDecoder | undefined,
  ) {
    super(name, scene, latent);
    this._lod = new LevelOfDetail(_shapes.halfExtent, options.lodPixels ?? LOD_PIXELS);
    createProxyBox(this, _shapes.halfExtent);
    this.sideOrientation = scene.useRightHandedSystem ? Material.ClockWiseSideOrientation : Material.CounterClockWiseSideOrientation;
    if (decoder) this._buffers = new ShapeBuffers(decoder, this._latent);
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

  /** True while the surface is traced per pixel; false without WebGPU, while shaders compile, and under showBaked 'always'. */
  abstract get isTraced(): boolean;

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

  /** The plugin of `material`, undefined without WebGPU: counts evaluations, for one. */
  get plugin(): NeuralSdfMaterialPlugin | undefined {
    return this._plugin;
  }

  /** How the shape is put before the shader, how fine that is by now, and its measured error. */
  get traceStatus(): TraceStatus {
    if (this._buffers && !this._buffers.hasFailed) return this._buffers.status;
    const reason = this._buffers ? 'its shaders did not compile' : (reasonNotToTrace(this.getEngine()) ?? '');
    return { form: 'baked', reason, resolution: 0, progress: 1, isComplete: true };
  }

  /**
   * Other weights for the same layers, from the next frame on, without compilation: for a mesh created with `live`, whose decoder trains.
   * Meshes that share the decoder show them with their next edit.
   * @param latent the shape's code by the new weights; default: the one it has
   * @throws NeuralSdfError INVALID_ARGUMENT where the mesh is not live, SHAPE_MISMATCH, LATENT_LENGTH, NOT_FINITE
   */
  updateDecoder(decoder: Decoder, latent: ArrayLike<number> = this._latent): void {
    checkLatent(decoder.spec, latent);
    this._buffers?.decoder.setDecoder(decoder);
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
  private _onFailed(error: unknown): void {
    // A user who disposes of the mesh meanwhile need not know.
    if (this.isDisposed()) return;
    const why = error instanceof NeuralSdfError ? error.message : `its shaders did not compile: ${error}`;
    Logger.Error(`babylon-neural-sdf: mesh "${this.name}" is shown baked: ${why}`);
    this._updateVisibility();
  }

  /**
   * Milliseconds that a frame may take on the GPU. Where tracing every pixel takes longer, the scene's FrameBudget has the shape traced at a
   * lower resolution while anything moves. 0, the default: every pixel is traced, however long that takes. Without effect where the mesh
   * is not traced.
   * @throws NeuralSdfError INVALID_ARGUMENT
   */
  get targetFrameTime(): number {
    return this._targetFrameTime;
  }

  set targetFrameTime(value: number) {
    checkOptions(this.name, { targetFrameTime: value });
    this._targetFrameTime = value;
    if (value === 0) this._budget?.remove(this);
    this._budget = value > 0 && this._buffers ? FrameBudget.of(this.getScene()) : undefined;
    this._budget?.add(this, this._buffers!, value);
  }

  /** Whether the frame budget draws it, at another resolution. */
  protected get _isUpsampled(): boolean {
    return this._budget?.shows(this) ?? false;
  }

  override get material(): Material | null {
    return super.material;
  }

  /** @throws NeuralSdfError INVALID_ARGUMENT for a material that cannot be traced, or that traces another decoder already */
  override set material(value: Material | null) {
    const previousPlugin = this._plugin;
    // Mesh's own constructor comes here before there is anything to trace.
    if (value && this._buffers) {
      if (!(value instanceof PBRMaterial || value instanceof StandardMaterial)) {
        throw new NeuralSdfError(
          'INVALID_ARGUMENT',
          `mesh "${this.name}": a ${value.getClassName()} cannot be traced: give it a PBRMaterial or a StandardMaterial`,
        );
      }
      const plugin = NeuralSdfMaterialPlugin.attach(value, this._buffers.decoder);
      previousPlugin?.removeMesh(this);
      this._plugin = plugin;
      plugin.addMesh(this, this._buffers, this._lod);
    } else if (this._buffers) {
      previousPlugin?.removeMesh(this);
      this._plugin = undefined;
    }
    const previous = super.material;
    super.material = value;
    this._updateVisibility();
    if (previous && previous !== value && this._ownsMaterial) {
      this._ownsMaterial = false;
      // A clone may wear it still.
      if (!previousPlugin?.meshCount) previous.dispose();
    }
  }

  /**
   * In the material it was asked for; without a trace left behind where that is not to be had.
   * @param material as NeuralSdfMeshOptions has it
   */
  protected _dress(material: NeuralSdfMeshOptions['material']): void {
    try {
      this._ownsMaterial = material === undefined;
      if (material !== null) this.material = material ?? createDefaultMaterial(this.name, this.getScene());
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Has what tracing needs compiled, and other renderers see the shape instead of the box. */
  protected _startTracing(): void {
    const buffers = this._buffers;
    if (!buffers) return;
    TracedEffects.of(this.getScene()).add(this, buffers);
    followDepthRenderers(this.getScene(), this);
    this._pipelinesChanged = buffers.decoder.pipelines.onChangedObservable.add(() => this._updateVisibility());
    buffers.onStatusObservable.add(() => {
      this._updateVisibility();
      this.onTraceStatusChangedObservable.notifyObservers(this.traceStatus);
    });
    buffers.prepareAsync().then(
      () => this._updateVisibility(),
      (error: unknown) => this._onFailed(error),
    );
  }

  override isReady(completeCheck?: boolean, forceInstanceSupport?: boolean): boolean {
    // Where nothing can be traced, the fallback is all there is to wait for.
    if (!this._buffers || this._buffers.hasFailed) return true;
    // Without the complete check Babylon only asks whether to draw the mesh at all, which goes on while others' pipelines compile.
    if (completeCheck) {
      this._edits?.flush();
      if (this._buffers.decoder.pipelines.pendingCount > 0 || !this._buffers.areEditsReady) return false;
    }
    return super.isReady(completeCheck, forceInstanceSupport);
  }

  override render(subMesh: SubMesh, enableAlphaMode: boolean, effectiveMeshReplacement?: AbstractMesh): Mesh {
    const draw = () => super.render(subMesh, enableAlphaMode, effectiveMeshReplacement);
    const mesh = this._budget?.draw(this, subMesh, draw) ?? draw();
    // A pipeline that another mesh has had compiled comes without notice.
    if (!this.isTraced) this._updateVisibility();
    return mesh;
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
    this._plugin?.removeMesh(this);
    this._budget?.remove(this);
    const material = this.material;
    super.dispose(doNotRecurse, disposeMaterialAndTextures);
    // A clone may wear it still.
    if (this._ownsMaterial && !this._plugin?.meshCount) material?.dispose();
    this._edits?.dispose();
    this.onTraceStatusChangedObservable.clear();
    const buffers = this._buffers;
    if (!buffers) return;
    buffers.decoder.pipelines.onChangedObservable.remove(this._pipelinesChanged ?? null);
    TracedEffects.of(this.getScene()).remove(this);
    buffers.decoder.release();
    buffers.dispose();
  }
}

function createDefaultMaterial(name: string, scene: Scene): PBRMaterial {
  const material = new PBRMaterial(`${name} material`, scene);
  material.metallic = 0;
  material.roughness = 0.6;
  return material;
}
