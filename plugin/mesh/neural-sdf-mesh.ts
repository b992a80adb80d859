import type { PickingInfo } from '@babylonjs/core/Collisions/pickingInfo.js';
import type { Ray, TrianglePickingPredicate } from '@babylonjs/core/Culling/ray.core.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Material } from '@babylonjs/core/Materials/material.js';
import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import type { Matrix } from '@babylonjs/core/Maths/math.vector.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { SubMesh } from '@babylonjs/core/Meshes/subMesh.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { Observable, type Observer } from '@babylonjs/core/Misc/observable.js';
import type { Node } from '@babylonjs/core/node.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { findShape } from '../../src/asset/find-shape.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { checkLatent, type Decoder } from '../../src/decoder/decoder.js';
import type { EditPlan } from '../../src/editing/edit-plan.js';
import { NeuralSdfError } from '../../src/errors.js';
import { serializeShapes } from '../asset/serialized-shapes.js';
import { AutoBake } from '../baked/auto-bake.js';
import { createBakedMesh } from '../baked/baked-mesh.js';
import { BakedStandIn } from '../baked/baked-stand-in.js';
import { LevelOfDetail } from '../baked/level-of-detail.js';
import { ShownForm } from '../baked/shown-form.js';
import { dropStrayStandIns } from '../baked/stray-stand-ins.js';
import { FrameBudget } from '../budget/frame-budget.js';
import { ShapeEdits } from '../editing/edits.js';
import { InstancedShapeMesh } from '../instances/instanced-shape-mesh.js';
import { NeuralSdfInstance } from '../instances/instances.js';
import { followDepthRenderers } from '../material/depth-variant.js';
import { TracedEffects } from '../material/effects.js';
import { NeuralSdfMaterialPlugin } from '../material/material-plugin.js';
import { ShapePicker } from '../picking/picking.js';
import { ShapeBuffers } from '../shape/shape-buffers.js';
import { SharedDecoder } from '../shape/shared-decoder.js';
import type { TraceStatus } from '../shape/trace-status.js';
import { canTrace } from './can-trace.js';
import { inspectorProperties } from './inspector.js';
import type { NeuralSdfMeshOptions, ShowBaked } from './mesh-options.js';
import { copyMeshState } from './mesh-state.js';
import { createProxyBox, fitProxyBox } from './proxy-box.js';

const NOT_TRACED: TraceStatus = { form: 'baked', reason: 'this engine is not WebGPU', resolution: 0, progress: 1, isComplete: true };

/** Height on the screen, pixels, below which a shape cannot be told from its baked mesh. */
const LOD_PIXELS = 32;

/** Cells along the box of a fallback that is baked at run time: a second in plain JavaScript for a decoder of 4 x 64. */
const FALLBACK_RESOLUTION = 48;

/**
 * A neural shape in a scene: to Babylon a mesh (a box that holds the shape) with an ordinary PBRMaterial, on the GPU a surface
 * that is sphere-traced per pixel. Its `latent` may be edited every frame.
 */
export class NeuralSdfMesh extends InstancedShapeMesh {
  /** Notified when `isTraced` turns. */
  readonly onTracedChangedObservable = new Observable<boolean>();
  private readonly _picker = new ShapePicker(this);
  /** Notified when `traceStatus` changed: a finer level of bricks, or the progress of one. */
  readonly onTraceStatusChangedObservable = new Observable<TraceStatus>();
  /** Notified with the baked mesh after it was baked anew, as by `autoBake`: the moment to make a new collider. */
  readonly onBakedObservable = new Observable<Mesh>();
  private _buffers: ShapeBuffers | undefined;
  private _plugin: NeuralSdfMaterialPlugin | undefined;
  private _ownsMaterial = false;
  private _targetFrameTime = 0;
  private _budget: FrameBudget | undefined;
  private readonly _standIn: BakedStandIn | undefined;
  private readonly _lod: LevelOfDetail | undefined;
  private readonly _autoBake: AutoBake | undefined;
  private readonly _shown: ShownForm | undefined;
  private _pipelinesChanged: Observer<void> | undefined;
  private _edits: ShapeEdits | undefined;

  private constructor(
    name: string,
    private _shapes: NeuralShapes,
    scene: Scene,
    private readonly _options: NeuralSdfMeshOptions,
    latent: Float32Array,
  ) {
    super(name, scene, latent);
    const shapes = _shapes;
    this._lod = new LevelOfDetail(shapes.halfExtent, _options.lodPixels ?? LOD_PIXELS);
    this._standIn = new BakedStandIn(
      this,
      () => this._shapes,
      () => this.editPlan,
      this._lod,
    );
    this._autoBake = new AutoBake(() => this._bakeFallback(), _options.autoBake ?? false);
    this._shown = new ShownForm(this, this._standIn, this._lod, this.onTracedChangedObservable);
    createProxyBox(this, shapes.halfExtent);
    this.sideOrientation = scene.useRightHandedSystem ? Material.ClockWiseSideOrientation : Material.CounterClockWiseSideOrientation;
    const engine = scene.getEngine();
    if (canTrace(engine)) {
      this._buffers = new ShapeBuffers(SharedDecoder.acquire(engine as WebGPUEngine, shapes, _options), this._latent);
    }
  }

  /**
   * @param shapes from an asset, or straight from training
   * @throws NeuralSdfError SHAPE_NOT_FOUND, INVALID_ARGUMENT when the material traces another decoder already
   */
  static Create(name: string, shapes: NeuralShapes, scene: Scene, options: NeuralSdfMeshOptions = {}): NeuralSdfMesh {
    const shape = shapes.shapes[findShape(shapes, options.shape ?? 0)];
    const mesh = new NeuralSdfMesh(name, shapes, scene, options, shape.latent);
    mesh._dress();
    const fallback = options.fallbackMesh ?? (shape.bakedMesh && createBakedMesh(`${name} baked`, shape.bakedMesh, scene));
    if (fallback) mesh.adoptFallback(fallback);
    mesh.targetFrameTime = options.targetFrameTime ?? 0;
    mesh._start();
    return mesh;
  }

  /** In the material it was asked for; without a trace left behind where that is not to be had. */
  private _dress(): void {
    const { material } = this._options;
    try {
      this._ownsMaterial = material === undefined;
      if (material !== null) this.material = material ?? createDefaultMaterial(this.name, this.getScene());
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  override getClassName(): string {
    return 'NeuralSdfMesh';
  }

  get shapes(): NeuralShapes {
    return this._shapes;
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
   */
  updateTable(write: (table: GPUBuffer) => void): void {
    this._buffers?.fill(write);
  }

  /** What is traced; undefined where nothing can be. */
  get buffers(): ShapeBuffers | undefined {
    return this._buffers;
  }

  /** Operations on the shape: union, subtraction, intersection, rounding, shell, cut plane. */
  get edits(): ShapeEdits {
    this._edits ??= new ShapeEdits(this);
    return this._edits;
  }

  /** What the edits come to, for evaluating the edited shape (see EditedField) and its bounds; undefined while there are none. */
  get editPlan(): EditPlan | undefined {
    return this._edits?.plan;
  }

  /** @internal */
  get tracesShapeOperands(): boolean {
    return this._buffers?.decoder.bake.form !== 'bricks';
  }

  /** @internal */
  applyEdits(plan: EditPlan): void {
    fitProxyBox(this, plan.bounds);
    this._buffers?.setEdits(plan).then(
      () => this._updateVisibility(),
      (error: unknown) => Logger.Error(`babylon-neural-sdf: mesh "${this.name}" stays unedited, its grid shader failed: ${error}`),
    );
  }

  /** @internal */
  onEditsSettled(): void {
    if (this.fallbackMesh || !this._buffers) this._bakeFallback();
  }

  /** True while the surface is traced per pixel; false without WebGPU, while shaders compile, and under showBaked 'always'. */
  get isTraced(): boolean {
    return this._shown?.isTraced ?? false;
  }

  /** How the shape is put before the shader, how fine that is by now, and its measured error. */
  get traceStatus(): TraceStatus {
    return this._buffers?.status ?? NOT_TRACED;
  }

  /** The baked mesh, a child; undefined for a shape that came without one, until `bakeFallbackAsync`. */
  get fallbackMesh(): Mesh | undefined {
    return this._standIn?.mesh;
  }

  /** A fallback shows the latent code it was baked from: after another one, `bakeFallbackAsync` brings it up to date. Edits it follows by itself. */
  get showBaked(): ShowBaked {
    return this._shown?.showBaked ?? 'never';
  }

  set showBaked(value: ShowBaked) {
    this._shown!.showBaked = value;
    this._updateVisibility();
  }

  /** Whether the baked mesh follows latent edits, in the background, once the code rests. */
  get autoBake(): boolean {
    return this._autoBake?.isEnabled ?? false;
  }

  set autoBake(value: boolean) {
    this._autoBake!.isEnabled = value;
    if (this._standIn?.shows(this._latent)) return;
    this._autoBake!.schedule();
  }

  /** The plugin of `material`, undefined without WebGPU: counts evaluations, for one. */
  get plugin(): NeuralSdfMaterialPlugin | undefined {
    return this._plugin;
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
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      throw new NeuralSdfError('INVALID_ARGUMENT', `mesh "${this.name}": targetFrameTime is milliseconds, 0 or more, not ${value}`);
    }
    this._targetFrameTime = value;
    if (value === 0) this._budget?.remove(this);
    this._budget = value > 0 && this._buffers ? FrameBudget.of(this.getScene()) : undefined;
    this._budget?.add(this, this._buffers!, value);
  }

  override get receiveShadows(): boolean {
    return super.receiveShadows;
  }

  override set receiveShadows(value: boolean) {
    super.receiveShadows = value;
    // Mesh's own constructor comes here before there is a fallback.
    if (this.fallbackMesh) this.fallbackMesh.receiveShadows = value;
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
        throw new NeuralSdfError('INVALID_ARGUMENT', `mesh "${this.name}": only a PBRMaterial or a StandardMaterial can be traced`);
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

  override isReady(completeCheck?: boolean, forceInstanceSupport?: boolean): boolean {
    // Where nothing can be traced, the fallback is all there is to wait for.
    if (!this._buffers) return true;
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
  override intersects(
    ray: Ray,
    fastCheck?: boolean,
    trianglePredicate?: TrianglePickingPredicate,
    onlyBoundingInfo = false,
    worldToUse?: Matrix,
    skipBoundingInfo = false,
  ): PickingInfo {
    if (onlyBoundingInfo) return super.intersects(ray, fastCheck, trianglePredicate, true, worldToUse, skipBoundingInfo);
    const world = worldToUse ?? this.getWorldMatrix();
    const latent = this._thinLatentAt(world) ?? this.latent;
    return this._picker.pick(ray, world, { shapes: this.shapes, latent, plan: this.editPlan });
  }

  /**
   * Bakes the current latent code and edits into the fallback mesh. Calls while one is under way are answered by one more bake.
   * @throws NeuralSdfError EMPTY_SHAPE, RESOLUTION_TOO_LARGE
   */
  async bakeFallbackAsync(resolution = FALLBACK_RESOLUTION): Promise<void> {
    this._edits?.flush();
    this._edits?.cancelSettling();
    await this._standIn?.bakeAsync(this._latent, resolution);
    if (this.isDisposed()) return;
    this._updateVisibility();
    this.onBakedObservable.notifyObservers(this.fallbackMesh!);
  }

  /** Where nobody waits for it: a latent code without surface keeps the last mesh, and says so. */
  private _bakeFallback(): void {
    this.bakeFallbackAsync().catch((error: unknown) => Logger.Warn(`babylon-neural-sdf: mesh "${this.name}" was not baked: ${error}`));
  }

  private _start(): void {
    if (this._buffers) TracedEffects.of(this.getScene()).add(this, this._buffers);
    Object.defineProperty(this, 'inspectableCustomProperties', { get: () => inspectorProperties(this), configurable: true });
    this._updateVisibility();
    this._pipelinesChanged = this._buffers?.decoder.pipelines.onChangedObservable.add(() => this._updateVisibility());
    if (this._buffers) followDepthRenderers(this.getScene(), this);
    if (!this._buffers && !this.fallbackMesh) this._bakeFallback();
    this._buffers?.onStatusObservable.add(() => {
      this._updateVisibility();
      this.onTraceStatusChangedObservable.notifyObservers(this.traceStatus);
    });
    this._buffers?.prepareAsync().then(
      () => this._updateVisibility(),
      (error: unknown) => Logger.Error(`babylon-neural-sdf: mesh "${this.name}" stays baked, its grid shader failed: ${error}`),
    );
  }

  /** Makes a mesh in the scene the baked mesh of this one: a child, in its material. The one before is disposed. */
  adoptFallback(fallback: Mesh): void {
    this._standIn?.adopt(fallback, this._latent);
    this._updateVisibility();
  }

  protected override _applyLatent(): void {
    if (this._buffers) {
      this._buffers.update(this._latent);
      this._autoBake?.schedule();
    } else this._bakeFallback();
    this._updateVisibility();
  }

  private _updateVisibility(): void {
    // Mesh's own constructor comes here before there is anything to show.
    this._shown?.update(
      this._plugin && this._buffers,
      this._standIn!.shows(this._latent) && this._thinInstancesAreAlike,
      this._budget?.shows(this),
    );
    const baked = this.fallbackMesh;
    if (baked && this._plugin) this._plugin.addStandIn(baked, this._lod!);
  }

  protected override get _traceBuffers(): ShapeBuffers | undefined {
    return this._buffers;
  }

  protected override get _bakedStandIn(): BakedStandIn | undefined {
    return this._standIn;
  }

  /**
   * Height on the screen, in pixels, below which the baked mesh is drawn instead, by a cross-fade; 0 to trace at any size. Only a baked mesh
   * that shows the current latent code is used.
   */
  get lodPixels(): number {
    return this._lod?.pixels ?? 0;
  }

  set lodPixels(pixels: number) {
    this._lod!.pixels = pixels;
    this._updateVisibility();
  }

  /** For .babylon files and `Mesh.Parse`, once `registerNeuralSdfSerialization` was called. The decoder goes along, or its asset's name. */
  override serialize(serializationObject: Record<string, unknown> = {}) {
    super.serialize(serializationObject);
    serializationObject.type = 'NeuralSdfMesh';
    // The box is made anew; its submesh too.
    for (const key of ['geometryId', 'geometryUniqueId', 'subMeshes']) delete serializationObject[key];
    const { gridResolution, maxEvaluations, live } = this._options;
    const thin = this.thinInstanceLatents;
    serializationObject.neuralSdf = {
      shapes: serializeShapes(this.shapes),
      latent: [...this._latent],
      options: { gridResolution, maxEvaluations, live, lodPixels: this.lodPixels, autoBake: this.autoBake },
      showBaked: this.showBaked,
      fallbackUniqueId: this.fallbackMesh?.uniqueId,
      instanceLatents: this.instances
        .filter((instance) => !instance.doNotSerialize)
        .map((instance) => (instance instanceof NeuralSdfInstance && instance.hasOwnLatent() ? [...instance.latent] : null)),
      ...(thin && { thinInstanceLatents: [...thin] }),
      ...(this._edits && { edits: this._edits.toJSON() }),
    };
    return serializationObject;
  }

  /** A second mesh of the same decoder, material and latent code, with data of its own; its children are cloned unless told otherwise. */
  override clone(name = `${this.name} clone`, newParent: Node | null = this.parent, doNotCloneChildren = false): NeuralSdfMesh {
    const { lodPixels, autoBake } = this;
    const copy = new NeuralSdfMesh(
      name,
      this.shapes,
      this.getScene(),
      { ...this._options, lodPixels, autoBake, material: this.material as PBRMaterial | StandardMaterial | null },
      this._latent,
    );
    copy._dress();
    copy.parent = newParent;
    copyMeshState(this, copy);
    copy._copyBlend(this);
    if (this._edits) copy.edits.load(this._edits.toJSON());
    if (copy._standIn) this._standIn?.copyTo(copy._standIn);
    copy.showBaked = this.showBaked;
    copy.targetFrameTime = this.targetFrameTime;
    copy._start();
    if (!doNotCloneChildren) {
      for (const child of this.getChildren()) if (child !== this.fallbackMesh) child.clone(child.name, copy);
    }
    dropStrayStandIns(copy);
    this.onClonedObservable.notifyObservers(copy);
    return copy;
  }

  override dispose(doNotRecurse?: boolean, disposeMaterialAndTextures = false): void {
    if (this.isDisposed()) return;
    this._plugin?.removeMesh(this);
    this._autoBake?.cancel();
    this._budget?.remove(this);
    const material = this.material;
    super.dispose(doNotRecurse, disposeMaterialAndTextures);
    // A clone may wear it still.
    if (this._ownsMaterial && !this._plugin?.meshCount) material?.dispose();
    this._standIn?.dispose();
    this._edits?.dispose();
    this._buffers?.decoder.pipelines.onChangedObservable.remove(this._pipelinesChanged ?? null);
    if (this._buffers) TracedEffects.of(this.getScene()).remove(this);
    this._buffers?.decoder.release();
    this._buffers?.dispose();
    this.onLatentChangedObservable.clear();
    this.onTracedChangedObservable.clear();
    this.onTraceStatusChangedObservable.clear();
    this.onBakedObservable.clear();
  }
}

function createDefaultMaterial(name: string, scene: Scene): PBRMaterial {
  const material = new PBRMaterial(`${name} material`, scene);
  material.metallic = 0;
  material.roughness = 0.6;
  return material;
}
