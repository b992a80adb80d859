import type { Camera } from '@babylonjs/core/Cameras/camera.js';
import { Constants } from '@babylonjs/core/Engines/constants.js';
import { RenderTargetTexture } from '@babylonjs/core/Materials/Textures/renderTargetTexture.js';
import { Color4 } from '@babylonjs/core/Maths/math.color.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { Scene } from '@babylonjs/core/scene.js';

export interface TargetSize {
  readonly width: number;
  readonly height: number;
}

/** Some rows of a texture. */
export interface Strip {
  readonly first: number;
  readonly count: number;
  /** Whether the other rows stay as they are, or are cleared. */
  readonly adds: boolean;
}

/** A texture that a camera's traced meshes are drawn into, ahead of its own picture: what shaders/visibility.wgsl says of each texel. */
export class VisibilityTarget {
  private _texture: RenderTargetTexture | undefined;
  private _strip: Strip | undefined;
  private _camera: Camera | undefined;

  constructor(
    private readonly _name: string,
    private readonly _scene: Scene,
    /** The material that a mesh is drawn with. */
    private readonly _materialOf: (mesh: AbstractMesh) => Mesh['material'],
  ) {}

  get texture(): RenderTargetTexture | null {
    return this._texture ?? null;
  }

  /** Has the meshes drawn ahead of the camera's next picture, the whole texture or some rows of it. */
  schedule(camera: Camera, meshes: readonly AbstractMesh[], size: TargetSize, strip?: Strip): void {
    this._texture ??= this._create(size);
    const texture = this._texture;
    if (texture.getRenderWidth() !== size.width || texture.getRenderHeight() !== size.height) texture.resize(size);
    for (const mesh of meshes) {
      const material = this._materialOf(mesh) ?? undefined;
      if (mesh.getMaterialForRenderPass(texture.renderPassId) !== material) texture.setMaterialForRendering(mesh, material);
    }
    texture.renderList = [...meshes];
    this._strip = strip;
    this._camera = camera;
    camera.customRenderTargets.push(texture);
  }

  /** Once the picture is drawn: the next one asks again. */
  unschedule(): void {
    const targets = this._camera?.customRenderTargets;
    const index = this._texture && targets ? targets.indexOf(this._texture) : -1;
    if (index >= 0) targets!.splice(index, 1);
    this._camera = undefined;
  }

  dispose(): void {
    this.unschedule();
    this._texture?.dispose();
    this._texture = undefined;
  }

  private _create(size: TargetSize): RenderTargetTexture {
    const texture = new RenderTargetTexture(this._name, size, this._scene, {
      type: Constants.TEXTURETYPE_FLOAT,
      format: Constants.TEXTUREFORMAT_RGBA,
      samplingMode: Constants.TEXTURE_NEAREST_SAMPLINGMODE,
      generateMipMaps: false,
      generateDepthBuffer: true,
      generateStencilBuffer: false,
    });
    texture.clearColor = new Color4(0, 0, 0, 0);
    texture.renderParticles = false;
    texture.renderSprites = false;
    const engine = this._scene.getEngine();
    texture.onClearObservable.add(() => {
      if (!this._strip?.adds) engine.clear(texture.clearColor, true, true, false);
      if (this._strip) engine.enableScissor(0, this._strip.first, texture.getRenderWidth(), this._strip.count);
    });
    texture.onAfterRenderObservable.add(() => engine.disableScissor());
    return texture;
  }
}
