import { FreeCamera } from '@babylonjs/core/Cameras/freeCamera.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { DirectionalLight } from '@babylonjs/core/Lights/directionalLight.js';
import { HemisphericLight } from '@babylonjs/core/Lights/hemisphericLight.js';
import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { Scene } from '@babylonjs/core/scene.js';
import { bakeTriangles, createBakedMesh } from '../../plugin/baked/baked-mesh.js';
import type { NeuralSdfMeshOptions } from '../../plugin/mesh/mesh-options.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import type { TriangleMesh } from '../../src/mesh.js';

/** A camera, a sun and a sky: what every picture of the tests is taken in. */
export interface Studio {
  readonly scene: Scene;
  readonly camera: FreeCamera;
  readonly sun: DirectionalLight;
}

export function openStudio(engine: WebGPUEngine, options: { rightHanded?: boolean } = {}): Studio {
  const scene = new Scene(engine);
  scene.useRightHandedSystem = options.rightHanded ?? false;
  const camera = new FreeCamera('camera', new Vector3(1.2, 1.8, options.rightHanded ? 2.6 : -2.6), scene);
  camera.minZ = 0.1;
  camera.maxZ = 50;
  camera.setTarget(Vector3.Zero());
  const sun = new DirectionalLight('sun', new Vector3(-0.6, -1, options.rightHanded ? -0.5 : 0.5), scene);
  sun.position = sun.direction.scale(-5);
  sun.shadowMinZ = 0.5;
  sun.shadowMaxZ = 12;
  sun.intensity = 2.5;
  new HemisphericLight('sky', Vector3.Up(), scene).intensity = 0.4;
  return { scene, camera, sun };
}

/** One sensible material: a little gloss, so that wrong normals show. */
export function paint(scene: Scene, color: Color3): PBRMaterial {
  const material = new PBRMaterial('paint', scene);
  material.albedoColor = color;
  material.metallic = 0;
  material.roughness = 0.5;
  return material;
}

const baked = new Map<string, Promise<TriangleMesh>>();

/** A traced shape whose fallback is its own 256^3 baked mesh: `showBaked = 'always'` gives the picture to compare with. */
export async function stageShape(
  scene: Scene,
  shapes: NeuralShapes,
  shape: string,
  options: NeuralSdfMeshOptions & { resolution?: number } = {},
): Promise<NeuralSdfMesh> {
  const { latent } = shapes.shapes.find(({ name }) => name === shape)!;
  const resolution = options.resolution ?? 256;
  const key = `${shape} ${resolution}`;
  if (!baked.has(key)) baked.set(key, bakeTriangles(shapes, latent, resolution));
  const fallbackMesh = createBakedMesh(`${shape} baked`, await baked.get(key)!, scene);
  return NeuralSdfMesh.Create(shape, shapes, scene, {
    material: paint(scene, new Color3(0.8, 0.35, 0.15)),
    ...options,
    shape,
    fallbackMesh,
  });
}
