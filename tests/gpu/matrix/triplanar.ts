import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import '@babylonjs/core/Lights/Shadows/shadowGeneratorSceneComponent.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import { RawTexture } from '@babylonjs/core/Materials/Textures/rawTexture.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { createEnvironment } from '../../../demo/environment.js';
import { TriplanarPlugin } from '../../../plugin/material/triplanar.js';
import type { Configurations } from '../../support/matrix.js';

const SIZE = 64;

/** @param color of the texel at u, v in 0 to 1 */
function texture(scene: Scene, color: (u: number, v: number) => readonly number[], gammaSpace = false): RawTexture {
  const texels = new Uint8Array(4 * SIZE * SIZE).fill(255);
  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++) {
      texels.set(
        color((column + 0.5) / SIZE, (row + 0.5) / SIZE).map((value) => Math.round(255 * value)),
        4 * (row * SIZE + column),
      );
    }
  }
  const made = RawTexture.CreateRGBATexture(texels, SIZE, SIZE, scene, true, false, 3);
  made.gammaSpace = gammaSpace;
  return made;
}

/** Tiles with a soft border, so that no edge flickers between two ways to the same point. */
const tile = (u: number, v: number): number => 0.5 + 0.5 * Math.tanh(6 * Math.sin(2 * Math.PI * u) * Math.sin(2 * Math.PI * v));
const tiles = (scene: Scene) => texture(scene, (u, v) => [0.25 + 0.7 * tile(u, v), 0.55, 0.9 - 0.7 * tile(u, v)], true);
const bumps = (scene: Scene) => texture(scene, (u, v) => [0.5 + 0.3 * Math.cos(4 * Math.PI * u), 0.5 + 0.3 * Math.cos(4 * Math.PI * v), 1]);
const wear = (scene: Scene) => texture(scene, (u, v) => [0, 0.35 + 0.6 * tile(u, v), 1 - tile(u, v)]);

export const TRIPLANAR: Configurations = {
  'triplanar albedo': ({ scene, material }) => {
    material.albedoColor = Color3.White();
    new TriplanarPlugin(material, { albedoTexture: tiles(scene), scale: 1.5 });
  },
  'triplanar albedo, sharp, turned and scaled': ({ scene, material, shape }) => {
    material.albedoColor = Color3.White();
    new TriplanarPlugin(material, { albedoTexture: tiles(scene), scale: 2, sharpness: 12 });
    shape.rotation.set(0.5, 0.4, 0.3);
    shape.scaling.set(1.2, 0.8, -1);
  },
  'triplanar normals': ({ scene, material }) => {
    new TriplanarPlugin(material, { normalTexture: bumps(scene), scale: 1.5, normalStrength: 0.7 });
  },
  'triplanar metallic and roughness': async ({ scene, material }) => {
    scene.environmentTexture = await createEnvironment(scene);
    material.metallic = 1;
    material.roughness = 1;
    new TriplanarPlugin(material, { metallicRoughnessTexture: wear(scene), scale: 1.2 });
  },
  'triplanar all, shadowed': ({ scene, sun, material, shape, pair, boxes, ground }) => {
    material.albedoColor = Color3.White();
    material.metallic = 1;
    material.roughness = 1;
    new TriplanarPlugin(material, {
      albedoTexture: tiles(scene),
      normalTexture: bumps(scene),
      metallicRoughnessTexture: wear(scene),
      normalStrength: 0.5,
    });
    const generator = new ShadowGenerator(256, sun);
    generator.usePercentageCloserFiltering = true;
    generator.bias = 0.006;
    for (const caster of [shape, ...boxes]) generator.addShadowCaster(caster);
    for (const receiver of [...pair, ground]) receiver.receiveShadows = true;
  },
  'triplanar on a StandardMaterial': ({ scene, sun, shape }) => {
    sun.intensity = 1;
    const material = new StandardMaterial('standard', scene);
    material.specularColor = new Color3(0.2, 0.2, 0.2);
    new TriplanarPlugin(material, { albedoTexture: tiles(scene), normalTexture: bumps(scene), scale: 1.5, normalStrength: 0.5 });
    shape.material = material;
  },
};
