import { ArcRotateCamera } from '@babylonjs/core/Cameras/arcRotateCamera.js';
import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import { DirectionalLight } from '@babylonjs/core/Lights/directionalLight.js';
import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import { ImageProcessingConfiguration } from '@babylonjs/core/Materials/imageProcessingConfiguration.js';
import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { RenderTargetTexture } from '@babylonjs/core/Materials/Textures/renderTargetTexture.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import { CreateGround } from '@babylonjs/core/Meshes/Builders/groundBuilder.js';
import { CreateSphere } from '@babylonjs/core/Meshes/Builders/sphereBuilder.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { Scene } from '@babylonjs/core/scene.js';
import { createEnvironment } from './environment.js';

/** The horizon: floor and backdrop both end in it. */
const HAZE = Color3.FromHexString('#c9c5bf');
/** Half the side of the square that the shadow map covers, metres. */
const SHADOW_REACH = 2.7;
/** The same while there is a field behind the row. */
const FIELD_SHADOW_REACH = 6.5;

/** What the open panel covers on the right, and the canvas width from which on it starts open, CSS pixels. */
const PANEL_WIDTH = 300;
export const PANEL_OPENS_FROM = 720;
/** Half the width of the row of chairs, metres. */
const HALF_ROW = 2.2;

/** A room to show chairs in: metres, y up, right-handed as glTF, seen from +z. */
export class Studio {
  readonly scene: Scene;
  readonly camera: ArcRotateCamera;
  readonly floor: Mesh;
  private readonly _shadows: ShadowGenerator;
  private _shadowsStale = true;

  private constructor(engine: AbstractEngine, canvas: HTMLCanvasElement, shadowMapSize: number) {
    this.scene = new Scene(engine);
    this.scene.useRightHandedSystem = true;
    this.scene.fogMode = Scene.FOGMODE_LINEAR;
    this.scene.fogColor = HAZE;
    this.scene.fogStart = 7;
    this.scene.fogEnd = 24;
    const look = this.scene.imageProcessingConfiguration;
    look.toneMappingEnabled = true;
    look.toneMappingType = ImageProcessingConfiguration.TONEMAPPING_KHR_PBR_NEUTRAL;
    look.exposure = 1.05;
    this.camera = createCamera(this.scene, canvas);
    this._shadows = createShadows(this.scene, shadowMapSize);
    this.floor = this._createFloor();
    this._createBackdrop();
  }

  /** @param shadowMapSize texels along a side */
  static async create(engine: AbstractEngine, canvas: HTMLCanvasElement, shadowMapSize: number): Promise<Studio> {
    const studio = new Studio(engine, canvas, shadowMapSize);
    studio.scene.environmentTexture = await createEnvironment(studio.scene);
    studio.scene.environmentIntensity = 0.55;
    return studio;
  }

  /** Lets a mesh cast and receive shadows. */
  shade(mesh: AbstractMesh): void {
    this._shadows.addShadowCaster(mesh);
    mesh.receiveShadows = true;
  }

  /** For what receives shadows already, as instances do with their mesh. */
  castShadow(mesh: AbstractMesh): void {
    this._shadows.addShadowCaster(mesh, false);
  }

  /** Whether shadows reach over a field behind the row, at fewer texels a metre. */
  set hasField(hasField: boolean) {
    setShadowReach(this._shadows.getLight() as DirectionalLight, hasField ? FIELD_SHADOW_REACH : SHADOW_REACH);
    this.invalidateShadows();
  }

  /** What a lost device took along that Babylon does not bring back: what was computed on it. */
  async restore(): Promise<void> {
    const lost = this.scene.environmentTexture;
    this.scene.environmentTexture = await createEnvironment(this.scene);
    lost?.dispose();
    this.invalidateShadows();
  }

  /** Something that casts a shadow moved. */
  invalidateShadows(): void {
    this._shadowsStale = true;
  }

  /** Draws the shadow map with the next frame if it is out of date; at other times it is kept. @returns whether it was */
  refreshShadows(): boolean {
    const stale = this._shadowsStale;
    if (stale) this._shadows.getShadowMap()!.resetRefreshCounter();
    this._shadowsStale = false;
    return stale;
  }

  /** An ordinary PBR material. */
  material(name: string, color: string, roughness: number, metallic = 0): PBRMaterial {
    const material = new PBRMaterial(name, this.scene);
    material.albedoColor = Color3.FromHexString(color).toLinearSpace();
    material.roughness = roughness;
    material.metallic = metallic;
    return material;
  }

  private _createFloor(): Mesh {
    const floor = CreateGround('floor', { width: 70, height: 70 }, this.scene);
    floor.material = this.material('floor', '#989089', 0.6);
    floor.receiveShadows = true;
    floor.isPickable = false;
    return floor;
  }

  /** Pure haze all around, through the same fog and tone mapping as the floor, so that no edge shows. */
  private _createBackdrop(): void {
    const backdrop = CreateSphere('backdrop', { diameter: 90, segments: 8, sideOrientation: 1 }, this.scene);
    const material = this.material('backdrop', '#000000', 1);
    material.unlit = true;
    material.backFaceCulling = false;
    backdrop.material = material;
    backdrop.isPickable = false;
  }
}

function createCamera(scene: Scene, canvas: HTMLCanvasElement): ArcRotateCamera {
  const camera = new ArcRotateCamera('camera', 1.4, 1.28, 5, new Vector3(0, 0.42, 0), scene);
  camera.fov = 0.62;
  camera.minZ = 0.05;
  camera.maxZ = 120;
  camera.lowerRadiusLimit = 0.7;
  camera.upperRadiusLimit = 14;
  camera.upperBetaLimit = 1.54;
  camera.wheelDeltaPercentage = 0.01;
  camera.pinchDeltaPercentage = 0.005;
  camera.panningSensibility = 900;
  camera.attachControl(canvas, true);
  // The whole row fits in what the panel leaves free, and its middle is in the middle of that.
  const { clientWidth: width, clientHeight: height } = canvas;
  const covered = width >= PANEL_OPENS_FROM ? PANEL_WIDTH : 0;
  const slope = Math.tan(camera.fov / 2);
  camera.radius = 0.3 + (HALF_ROW * height) / (slope * (width - covered));
  camera.targetScreenOffset.x = (-slope * camera.radius * covered) / height;
  return camera;
}

function createShadows(scene: Scene, size: number): ShadowGenerator {
  const light = new DirectionalLight('key', new Vector3(2.2, -4.4, -2.6).normalize(), scene);
  light.position = light.direction.scale(-5.5);
  light.diffuse = Color3.FromHexString('#fff1dd').toLinearSpace();
  light.intensity = 2.6;
  // Fixed bounds: fitted ones would make every shadow crawl while a ball falls.
  light.autoUpdateExtends = false;
  setShadowReach(light, SHADOW_REACH);
  const shadows = new ShadowGenerator(size, light);
  shadows.usePercentageCloserFiltering = true;
  shadows.filteringQuality = ShadowGenerator.QUALITY_HIGH;
  shadows.bias = 0.004;
  shadows.getShadowMap()!.refreshRate = RenderTargetTexture.REFRESHRATE_RENDER_ONCE;
  return shadows;
}

function setShadowReach(light: DirectionalLight, reach: number): void {
  light.orthoLeft = -reach;
  light.orthoRight = reach;
  light.orthoTop = reach;
  light.orthoBottom = -reach;
  light.shadowMinZ = 3.7 - reach;
  light.shadowMaxZ = 6.8 + reach;
}
