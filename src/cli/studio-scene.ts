import { ArcRotateCamera } from '@babylonjs/core/Cameras/arcRotateCamera.js';
import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import { DirectionalLight } from '@babylonjs/core/Lights/directionalLight.js';
import { HemisphericLight } from '@babylonjs/core/Lights/hemisphericLight.js';
import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import '@babylonjs/core/Lights/Shadows/shadowGeneratorSceneComponent.js';
import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Color3, Color4 } from '@babylonjs/core/Maths/math.color.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { CreateGround } from '@babylonjs/core/Meshes/Builders/groundBuilder.js';
import { Scene } from '@babylonjs/core/scene.js';

export interface Studio {
  readonly scene: Scene;
  readonly shadows: ShadowGenerator;
}

export interface StudioView {
  /** Around the vertical axis, degrees; 0 looks at the shape's front (+z). */
  readonly azimuth: number;
  /** Above the horizon, degrees. */
  readonly elevation: number;
}

/** A floor, a soft sky and a shadowed key light around a shape of the unit sphere's size: what `render` takes its pictures in. */
export function createStudio(engine: AbstractEngine, { azimuth, elevation }: StudioView, floorHeight: number): Studio {
  const scene = new Scene(engine);
  scene.clearColor = new Color4(0.8, 0.82, 0.85, 1);
  const alpha = ((90 - azimuth) * Math.PI) / 180;
  const beta = ((90 - elevation) * Math.PI) / 180;
  const camera = new ArcRotateCamera('camera', alpha, beta, 3.6, Vector3.Zero(), scene);
  camera.fov = 0.7;
  camera.minZ = 0.05;
  camera.maxZ = 50;
  const sky = new HemisphericLight('sky', Vector3.Up(), scene);
  sky.intensity = 0.6;
  sky.groundColor = new Color3(0.35, 0.33, 0.32);
  const key = new DirectionalLight('key', new Vector3(-0.5, -1, -0.6).normalize(), scene);
  key.position = key.direction.scale(-5);
  key.intensity = 1.7;
  key.shadowMinZ = 1;
  key.shadowMaxZ = 10;
  const shadows = new ShadowGenerator(1024, key);
  shadows.usePercentageCloserFiltering = true;
  shadows.bias = 0.002;
  const floor = CreateGround('floor', { width: 40, height: 40 }, scene);
  floor.position.y = floorHeight;
  const material = new PBRMaterial('floor', scene);
  material.albedoColor = new Color3(0.55, 0.56, 0.58);
  material.metallic = 0;
  material.roughness = 0.9;
  floor.material = material;
  floor.receiveShadows = true;
  return { scene, shadows };
}
