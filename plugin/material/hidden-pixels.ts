import type { Camera } from '@babylonjs/core/Cameras/camera.js';
import { Constants } from '@babylonjs/core/Engines/constants.js';
import { RawTexture } from '@babylonjs/core/Materials/Textures/rawTexture.js';
import { Texture } from '@babylonjs/core/Materials/Textures/texture.js';
import type { UniformBuffer } from '@babylonjs/core/Materials/uniformBuffer.js';
import { Color4 } from '@babylonjs/core/Maths/math.color.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { Observer } from '@babylonjs/core/Misc/observable.js';
import { DepthRenderer } from '@babylonjs/core/Rendering/depthRenderer.js';
import type { Scene } from '@babylonjs/core/scene.js';

/** Name of the texture in shaders/hidden-pixels.wgsl. */
export const HIDDEN_DEPTH = 'sdfHiddenDepth';

/** Further than anything. */
const NOTHING = 3e38;

const perCamera = new WeakMap<Camera, HiddenPixels>();

/**
 * A depth pass of a camera's opaque meshes, before its picture: traced shapes evaluate nothing where those hide them. (The traced shader
 * writes its own depth, so that the hardware cannot tell in advance.) Worth its draw calls where opaque meshes cover much of the shapes.
 * The picture stays the same.
 */
export class HiddenPixels {
  private readonly _depth: DepthRenderer;
  private readonly _nothing: RawTexture;
  private readonly _sized: Observer<Scene>;
  private readonly _disposed: { remove(): void };

  private constructor(
    private readonly _camera: Camera,
    occludes: (mesh: AbstractMesh) => boolean,
  ) {
    const scene = _camera.getScene();
    const engine = scene.getEngine();
    this._depth = new DepthRenderer(
      scene,
      Constants.TEXTURETYPE_FLOAT,
      _camera,
      false,
      Texture.NEAREST_SAMPLINGMODE,
      true,
      'neural-sdf opaque',
    );
    const far = scene.useRightHandedSystem ? -NOTHING : NOTHING;
    this._depth.clearColor = new Color4(far, far, far, 1);
    const map = this._depth.getDepthMap();
    map.renderListPredicate = (mesh) => isOpaque(mesh) && occludes(mesh);
    this._nothing = RawTexture.CreateRTexture(Float32Array.of(far), 1, 1, scene, false, false, Texture.NEAREST_SAMPLINGMODE);
    this._sized = scene.onBeforeRenderObservable.add(() => {
      const size = _camera.outputRenderTarget?.getSize() ?? { width: engine.getRenderWidth(true), height: engine.getRenderHeight(true) };
      if (map.getRenderWidth() !== size.width || map.getRenderHeight() !== size.height) map.resize(size);
    });
    this._disposed = _camera.onDisposeObservable.add(() => this.dispose());
    scene.customRenderTargets.push(map);
  }

  /**
   * @param occludes of the scene's opaque meshes, those whose material puts them where their geometry is (a material that moves vertices in
   * a shader of its own does not); default: all
   * @returns the camera's own, made when there is none yet; `dispose` ends it
   */
  static Enable(camera: Camera, occludes: (mesh: AbstractMesh) => boolean = () => true): HiddenPixels {
    let hidden = perCamera.get(camera);
    if (!hidden) {
      hidden = new HiddenPixels(camera, occludes);
      perCamera.set(camera, hidden);
      camera.getScene().markAllMaterialsAsDirty(Constants.MATERIAL_AllDirtyFlag);
    }
    return hidden;
  }

  /** The one that serves the pass being prepared or drawn: a camera's own picture, no shadow map, mirror or other camera's. */
  static ofPass(scene: Scene, mesh: AbstractMesh): HiddenPixels | undefined {
    const camera = scene.activeCamera;
    if (!camera || mesh.renderingGroupId !== 0) return undefined;
    const pass = camera.outputRenderTarget?.renderPassId ?? camera.renderPassId;
    return scene.getEngine().currentRenderPassId === pass ? perCamera.get(camera) : undefined;
  }

  /** Binds the depths, or none where pixels do not lie as theirs do: a viewport within the picture, a post-process at half the size. */
  bind(uniforms: UniformBuffer): void {
    const map = this._depth.getDepthMap();
    const engine = this._camera.getEngine();
    const { x, y, width, height } = this._camera.viewport;
    const whole = x === 0 && y === 0 && width === 1 && height === 1;
    const fits = whole && map.getRenderWidth() === engine.getRenderWidth() && map.getRenderHeight() === engine.getRenderHeight();
    uniforms.setTexture(HIDDEN_DEPTH, fits ? map : this._nothing);
  }

  dispose(): void {
    const scene = this._camera.getScene();
    if (!perCamera.delete(this._camera)) return;
    this._sized.remove();
    this._disposed.remove();
    const targets = scene.customRenderTargets;
    targets.splice(targets.indexOf(this._depth.getDepthMap()), 1);
    this._depth.dispose();
    this._nothing.dispose();
    scene.markAllMaterialsAsDirty(Constants.MATERIAL_AllDirtyFlag);
  }
}

/**
 * Whether a mesh surely hides what is behind it, and is drawn where a plain depth pass puts it. A traced one has no geometry there, nor
 * have its instances, and its baked mesh may be fading.
 */
function isOpaque(mesh: AbstractMesh): boolean {
  const { material } = mesh;
  if (!material || material.pluginManager?.getPlugin('NeuralSdf') || mesh.renderingGroupId !== 0) return false;
  const plain =
    !material.disableDepthWrite &&
    !material.disableColorWrite &&
    material.depthFunction === 0 &&
    material.zOffset === 0 &&
    material.zOffsetUnits === 0;
  return plain && !material.wireframe && !material.pointsCloud && !material.needAlphaBlendingForMesh(mesh);
}
