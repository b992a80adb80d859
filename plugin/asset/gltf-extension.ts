import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { ArrayItem, type GLTFLoader } from '@babylonjs/loaders/glTF/2.0/glTFLoader.js';
import type { IGLTFLoaderExtension } from '@babylonjs/loaders/glTF/2.0/glTFLoaderExtension.js';
import { registerGLTFExtension, unregisterGLTFExtension } from '@babylonjs/loaders/glTF/2.0/glTFLoaderExtensionRegistry.js';
import type { IMesh, IMeshPrimitive, INode, IScene } from '@babylonjs/loaders/glTF/2.0/glTFLoaderInterfaces.js';
import '@babylonjs/loaders/glTF/glTFFileLoader.js';
import { EXTENSION_NAME, parseExtension, parseNodeExtension } from '../../src/asset/extension-schema.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { NeuralSdfMesh } from '../mesh/neural-sdf-mesh.js';
import { registerNeuralSdfSerialization } from './serialization.js';

/** Puts a NeuralSdfMesh in the place of each node's mesh that bears the extension; the plain mesh becomes its fallback. */
class NeuralSdfExtension implements IGLTFLoaderExtension {
  readonly name = EXTENSION_NAME;
  enabled: boolean;
  private _shapes: NeuralShapes | undefined;

  constructor(private readonly _loader: GLTFLoader) {
    this.enabled = _loader.isExtensionUsed(EXTENSION_NAME);
  }

  dispose(): void {
    this._shapes = undefined;
  }

  /** The decoder comes before any node, since nodes must be made without waiting. */
  loadSceneAsync(context: string, scene: IScene): Promise<void> | null {
    const json = (this._loader.gltf.extensions as Record<string, unknown> | undefined)?.[EXTENSION_NAME];
    if (json === undefined || this._shapes) return null;
    return this._loadShapesAsync(json).then(() => this._loader.loadSceneAsync(context, scene));
  }

  private async _loadShapesAsync(json: unknown): Promise<void> {
    const loader = this._loader;
    const { accessors } = loader.gltf;
    this._shapes = await parseExtension(json, accessors, (index) =>
      loader._loadFloatAccessorAsync(`/accessors/${index}`, ArrayItem.Get(`/accessors/${index}`, accessors, index)),
    );
  }

  _loadMeshPrimitiveAsync(
    context: string,
    name: string,
    node: INode,
    mesh: IMesh,
    primitive: IMeshPrimitive,
    assign: (babylonMesh: AbstractMesh) => void,
  ): Promise<AbstractMesh> | null {
    const json = (node.extensions as Record<string, unknown> | undefined)?.[EXTENSION_NAME];
    if (json === undefined || !this._shapes || primitive.index !== 0) return null;
    const loader = this._loader;
    const shape = parseNodeExtension(json, this._shapes.shapes.length, `${context} ${EXTENSION_NAME}`);
    const scene = loader.babylonScene;
    scene._blockEntityCollection = !!loader._assetContainer;
    const neural = NeuralSdfMesh.Create(name, this._shapes, scene, { shape, material: null });
    neural._parentContainer = loader._assetContainer;
    scene._blockEntityCollection = false;
    assign(neural);
    // An instance would share the first node's material and visibility.
    loader._disableInstancedMesh++;
    let fallback: Mesh | undefined;
    const loaded = loader._loadMeshPrimitiveAsync(context, `${name} baked`, node, mesh, primitive, (babylonMesh) => {
      babylonMesh.parent = neural;
      if (babylonMesh instanceof Mesh) fallback = babylonMesh;
    });
    loader._disableInstancedMesh--;
    loader.parent.onMeshLoadedObservable.notifyObservers(neural);
    return loaded.then(() => {
      if (fallback) neural.adoptFallback(fallback);
      const material = fallback?.material;
      if (material instanceof PBRMaterial) neural.material = material;
      else if (material) Logger.Warn(`babylon-neural-sdf: ${context} stays baked: ${material.getClassName()} is not a PBRMaterial`);
      return neural;
    });
  }
}

/**
 * Makes Babylon's glTF loader give a NeuralSdfMesh for each node that bears the extension, and its .babylon loader for each that was
 * serialised. May be called again.
 */
export function registerNeuralSdf(): void {
  registerNeuralSdfSerialization();
  unregisterGLTFExtension(EXTENSION_NAME);
  registerGLTFExtension(EXTENSION_NAME, true, (loader) => new NeuralSdfExtension(loader));
}
