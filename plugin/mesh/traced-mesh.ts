import { Material } from '@babylonjs/core/Materials/material.js';
import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { SubMesh } from '@babylonjs/core/Meshes/subMesh.js';
import type { Observer } from '@babylonjs/core/Misc/observable.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { NeuralSdfError } from '../../src/errors.js';
import { LevelOfDetail } from '../baked/level-of-detail.js';
import { FrameBudget } from '../budget/frame-budget.js';
import { followDepthRenderers } from '../material/depth-variant.js';
import { TracedEffects } from '../material/effects.js';
import { NeuralSdfMaterialPlugin } from '../material/material-plugin.js';
import type { SharedDecoder } from '../shape/shared-decoder.js';
import { checkOptions, type NeuralSdfMeshOptions } from './mesh-options.js';
import { ShapeMesh } from './shape-mesh.js';

/** Height on the screen, pixels, below which a shape cannot be told from its baked mesh. */
const LOD_PIXELS = 32;

/** A mesh whose shape is sphere-traced: the material that traces it, its level of detail, its share of a frame. */
export abstract class TracedMesh extends ShapeMesh {
  protected readonly _lod: LevelOfDetail | undefined;
  private _plugin: NeuralSdfMaterialPlugin | undefined;
  private _ownsMaterial = false;
  private _targetFrameTime = 0;
  private _budget: FrameBudget | undefined;
  private _pipelinesChanged: Observer<void> | undefined;

  /**
   * @param latent [codeLength], copied
   * @param decoder from `_acquireDecoder`
   */
  constructor(
    name: string,
    shapes: NeuralShapes,
    scene: Scene,
    options: NeuralSdfMeshOptions,
    latent: Float32Array,
    decoder: SharedDecoder | undefined,
  ) {
    super(name, shapes, scene, latent, decoder);
    this._lod = new LevelOfDetail(shapes.halfExtent, options.lodPixels ?? LOD_PIXELS);
    this.sideOrientation = scene.useRightHandedSystem ? Material.ClockWiseSideOrientation : Material.CounterClockWiseSideOrientation;
  }

  /** True while the surface is traced per pixel; false without WebGPU, while shaders compile, and under showBaked 'always'. */
  abstract get isTraced(): boolean;

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
      if (this._hasEdits) this.edits.flush();
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

  override dispose(doNotRecurse?: boolean, disposeMaterialAndTextures = false): void {
    if (this.isDisposed()) return;
    this._plugin?.removeMesh(this);
    this._budget?.remove(this);
    const { material, _buffers: buffers } = this;
    if (buffers) {
      buffers.decoder.pipelines.onChangedObservable.remove(this._pipelinesChanged ?? null);
      TracedEffects.of(this.getScene()).remove(this);
    }
    super.dispose(doNotRecurse, disposeMaterialAndTextures);
    // A clone may wear it still.
    if (this._ownsMaterial && !this._plugin?.meshCount) material?.dispose();
  }
}

function createDefaultMaterial(name: string, scene: Scene): PBRMaterial {
  const material = new PBRMaterial(`${name} material`, scene);
  material.metallic = 0;
  material.roughness = 0.6;
  return material;
}
