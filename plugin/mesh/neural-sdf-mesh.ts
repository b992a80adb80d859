import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import type { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import type { Node } from '@babylonjs/core/node.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { findShape } from '../../src/asset/find-shape.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { serializeNeuralSdf } from '../asset/serialized-mesh.js';
import { createBakedMesh } from '../baked/baked-mesh.js';
import { dropStrayStandIns } from '../baked/stray-stand-ins.js';
import { inspectorProperties } from './inspector.js';
import { checkOptions, type KeptOptions, keptOptions, type NeuralSdfMeshOptions } from './mesh-options.js';
import { copyMeshState } from './mesh-state.js';
import { TracedMesh } from './traced-mesh.js';
import { TwoFormMesh } from './two-form-mesh.js';

/**
 * A neural shape in a scene: to Babylon a mesh (a box that holds the shape) with an ordinary PBRMaterial, on the GPU a surface
 * that is sphere-traced per pixel. Its `latent` may be edited every frame.
 */
export class NeuralSdfMesh extends TwoFormMesh {
  private constructor(
    name: string,
    shapes: NeuralShapes,
    scene: Scene,
    private readonly _options: NeuralSdfMeshOptions,
    latent: Float32Array,
  ) {
    super(name, shapes, scene, _options, latent, TracedMesh._acquireDecoder(scene, shapes, _options));
  }

  /**
   * @param shapes from an asset, or straight from training
   * @throws NeuralSdfError SHAPE_NOT_FOUND; INVALID_ARGUMENT for an option that makes no sense, and when the material cannot be traced or
   * traces another decoder already; DECODER_UNSUPPORTED for a way to bake that the decoder cannot take
   */
  static Create(name: string, shapes: NeuralShapes, scene: Scene, options: NeuralSdfMeshOptions = {}): NeuralSdfMesh {
    checkOptions(name, options);
    const shape = shapes.shapes[findShape(shapes, options.shape ?? 0)];
    const mesh = new NeuralSdfMesh(name, shapes, scene, options, shape.latent);
    mesh._dress(options.material);
    const fallback = options.fallbackMesh ?? (shape.bakedMesh && createBakedMesh(`${name} baked`, shape.bakedMesh, scene));
    if (fallback) mesh.adoptFallback(fallback);
    mesh.targetFrameTime = options.targetFrameTime ?? 0;
    mesh._start();
    return mesh;
  }

  private _start(): void {
    Object.defineProperty(this, 'inspectableCustomProperties', { get: () => inspectorProperties(this), configurable: true });
    this._updateVisibility();
    this._startTracing();
    if (!this.buffers && !this.fallbackMesh) this._bakeFallback();
  }

  override getClassName(): string {
    return 'NeuralSdfMesh';
  }

  /** For .babylon files and `Mesh.Parse`, once `registerNeuralSdfSerialization` was called. The decoder goes along, or its asset's name. */
  override serialize(serializationObject: Record<string, unknown> = {}) {
    super.serialize(serializationObject);
    serializationObject.type = 'NeuralSdfMesh';
    // The box is made anew; its submesh too.
    for (const key of ['geometryId', 'geometryUniqueId', 'subMeshes']) delete serializationObject[key];
    serializationObject.neuralSdf = serializeNeuralSdf(this, this._keptOptions(), this._hasEdits);
    return serializationObject;
  }

  /** What it was created with, as its properties have it by now. */
  private _keptOptions(): KeptOptions {
    const { lodPixels, autoBake, targetFrameTime } = this;
    return { ...keptOptions(this._options), lodPixels, autoBake, targetFrameTime };
  }

  /** A second mesh of the same decoder, material and latent code, with data of its own; its children are cloned unless told otherwise. */
  override clone(name = `${this.name} clone`, newParent: Node | null = this.parent, doNotCloneChildren = false): NeuralSdfMesh {
    const copy = new NeuralSdfMesh(name, this.shapes, this.getScene(), this._keptOptions(), this._latent);
    copy._dress(this.material as PBRMaterial | StandardMaterial | null);
    copy.parent = newParent;
    copyMeshState(this, copy);
    copy._copyBlend(this);
    if (this._hasEdits) copy.edits.load(this.edits.toJSON());
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
}
