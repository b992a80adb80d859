import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import '@babylonjs/core/Lights/Shadows/shadowGeneratorSceneComponent.js';
import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { CreateBox } from '@babylonjs/core/Meshes/Builders/boxBuilder.js';
import { CreateGround } from '@babylonjs/core/Meshes/Builders/groundBuilder.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEnvironment } from '../../demo/environment.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { countDevice } from '../support/device-counters.js';
import { changed, compare, type Picture, shoot } from '../support/pictures.js';
import { openStudio, paint, type Studio, stageShape } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

describe('a traced mesh among Babylon meshes', () => {
  const shapes = tinyShapes();
  let engine: WebGPUEngine;
  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: 320, height: 240 });
  });
  afterEach(() => {
    for (const scene of [...engine.scenes]) scene.dispose();
  });

  /** Both pictures, traced first. */
  async function shootBoth(studio: Studio, mesh: NeuralSdfMesh, name: string): Promise<[Picture, Picture]> {
    const traced = await shoot(studio.scene, `${name}-traced`);
    expect(mesh.isTraced).toBe(true);
    mesh.showBaked = 'always';
    return [traced, await shoot(studio.scene, `${name}-baked`)];
  }

  function addBox(studio: Studio, size: number, position: [number, number, number]): Mesh {
    const box = CreateBox('box', { size }, studio.scene);
    box.position.set(...position);
    box.material = paint(studio.scene, new Color3(0.15, 0.4, 0.8));
    return box;
  }

  it('occludes a box that pierces it and is occluded by it', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus');
    addBox(studio, 0.5, [0.6, 0.1, -0.2]);
    addBox(studio, 0.3, [-0.5, 0.1, 0.8]);
    const [traced, baked] = await shootBoth(studio, mesh, 'pierced');
    mesh.setEnabled(false);
    const boxes = await shoot(studio.scene, 'pierced-boxes');
    // Some of the boxes is hidden, some is not.
    const blue = ({ data }: Picture) => data.filter((value, i) => i % 4 === 2 && value > data[i - 2] + 60).length;
    expect(blue(traced)).toBeGreaterThan(0.2 * blue(boxes));
    expect(blue(traced)).toBeLessThan(0.9 * blue(boxes));
    expect(changed(traced, baked)).toBeLessThan(0.002);
  });

  it.each(['PCF', 'close ESM', 'plain', 'PCF with normal bias'])(
    'casts and receives shadows as its baked mesh does: %s',
    async (filter) => {
      const studio = openStudio(engine);
      const mesh = await stageShape(studio.scene, shapes, 'torus');
      const box = addBox(studio, 0.4, [0.5, 1, -0.1]);
      const ground = CreateGround('ground', { width: 5, height: 5 }, studio.scene);
      ground.position.y = -0.5;
      ground.material = paint(studio.scene, new Color3(0.8, 0.8, 0.8));
      const unshadowed = await shoot(studio.scene, `shadow-${filter}-none`);
      const generator = new ShadowGenerator(512, studio.sun);
      generator.bias = 0.005;
      if (filter.startsWith('PCF')) generator.usePercentageCloserFiltering = true;
      if (filter.endsWith('normal bias')) generator.normalBias = 0.01;
      if (filter === 'close ESM') generator.useBlurCloseExponentialShadowMap = true;
      generator.addShadowCaster(mesh);
      generator.addShadowCaster(box);
      for (const receiver of [mesh, mesh.fallbackMesh!, ground]) receiver.receiveShadows = true;
      const [traced, baked] = await shootBoth(studio, mesh, `shadow-${filter}`);
      mesh.setEnabled(false);
      const alone = await shoot(studio.scene, `shadow-${filter}-box`);
      mesh.setEnabled(true);
      // The torus' own shadow on the ground, and the box's on the torus, are both large.
      expect(changed(traced, alone, 40)).toBeGreaterThan(0.1);
      expect(changed(traced, unshadowed, 40)).toBeGreaterThan(0.025);
      // A light's pass traces no normal, so the traced shape casts without the normal bias: a pixel's width of difference.
      expect(changed(traced, baked, 24)).toBeLessThan(filter.endsWith('normal bias') ? 0.004 : 0.002);
    },
  );

  it('is lit by an environment as its baked mesh is, metal included', async () => {
    const studio = openStudio(engine);
    studio.scene.environmentTexture = await createEnvironment(studio.scene);
    const mesh = await stageShape(studio.scene, shapes, 'torus');
    const material = mesh.material as PBRMaterial;
    material.metallic = 0.9;
    material.roughness = 0.45;
    const [traced, baked] = await shootBoth(studio, mesh, 'environment');
    mesh.setEnabled(false);
    const empty = await shoot(studio.scene, 'environment-empty');
    const result = compare(traced, baked, empty, 24);
    expect(result.hits).toBeGreaterThan(5000);
    expect(result.agreement).toBeGreaterThan(0.985);
  });

  it('shares material, shader and pipeline between meshes of different latent codes', async () => {
    const studio = openStudio(engine);
    const material = paint(studio.scene, new Color3(0.3, 0.7, 0.3));
    const left = await stageShape(studio.scene, shapes, 'torus', { material, resolution: 64 });
    left.position.x = -0.8;
    left.scaling.setAll(0.6);
    await shoot(studio.scene, 'shared-one');
    const counts = countDevice(engine);
    const right = await stageShape(studio.scene, shapes, 'box', { material, resolution: 64 });
    right.position.x = 0.8;
    right.scaling.setAll(0.6);
    const traced = await shoot(studio.scene, 'shared-two');
    expect([left.isTraced, right.isTraced]).toEqual([true, true]);
    expect(right.material).toBe(left.material);
    expect(counts).toMatchObject({ renderPipelines: 0, computePipelines: 0, shaderModules: 0 });
    left.showBaked = 'always';
    right.showBaked = 'always';
    const baked = await shoot(studio.scene, 'shared-two-baked');
    expect(changed(traced, baked, 24)).toBeLessThan(0.002);
  });

  it('changes shape by uploads alone', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const generator = new ShadowGenerator(256, studio.sun);
    generator.usePercentageCloserFiltering = true;
    generator.addShadowCaster(mesh);
    mesh.receiveShadows = true;
    const torus = await shoot(studio.scene, 'edit-torus');
    const counts = countDevice(engine);
    mesh.blend('torus', 'sphere', 0.6);
    const between = await shoot(studio.scene, 'edit-between');
    mesh.blendFactor = 1;
    const sphere = await shoot(studio.scene, 'edit-sphere');
    mesh.setShape(0);
    const again = await shoot(studio.scene, 'edit-again');
    expect(counts).toMatchObject({ renderPipelines: 0, computePipelines: 0, shaderModules: 0, textures: 0 });
    expect(changed(torus, between)).toBeGreaterThan(0.05);
    expect(changed(between, sphere)).toBeGreaterThan(0.02);
    expect(changed(torus, again, 1)).toBe(0);
  });

  it('refuses a latent code of the wrong length or with a NaN, and keeps its shape', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const before = mesh.latent;
    expect(() => mesh.setLatent([1, 2])).toThrow(expect.objectContaining({ code: 'LATENT_LENGTH' }));
    expect(() => mesh.setLatent([1, 2, Number.NaN])).toThrow(expect.objectContaining({ code: 'NOT_FINITE' }));
    expect(() => mesh.setShape('teapot')).toThrow(expect.objectContaining({ code: 'SHAPE_NOT_FOUND' }));
    expect(mesh.latent).toEqual(before);
  });

  it('refuses a material that traces another decoder, and leaves nothing in the scene', async () => {
    const studio = openStudio(engine);
    const { material } = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const meshes = studio.scene.meshes.length;
    const other = { ...shapes, decoder: { ...shapes.decoder } };
    expect(() => NeuralSdfMesh.Create('other', other, studio.scene, { material: material as PBRMaterial })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
    expect(studio.scene.meshes.length).toBe(meshes);
  });

  it('counts evaluations: a few a pixel', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    mesh.plugin!.countsEvaluations = true;
    await shoot(studio.scene, 'counted');
    await mesh.plugin!.readEvaluationsAsync();
    await shoot(studio.scene, 'counted');
    const { evaluations, pixels } = await mesh.plugin!.readEvaluationsAsync();
    expect(pixels).toBeGreaterThan(10_000);
    expect(evaluations / pixels).toBeLessThan(2);
    expect(evaluations / pixels).toBeGreaterThan(0.5);
  });

  it('clones with data of its own', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const copy = mesh.clone('copy');
    copy.position.x = 1;
    copy.setShape('sphere');
    await shoot(studio.scene, 'clone');
    expect(copy.isTraced).toBe(true);
    expect(mesh.latent).toEqual(shapes.shapes[0].latent);
    expect(copy.fallbackMesh).not.toBe(mesh.fallbackMesh);
    mesh.dispose();
    const after = await shoot(studio.scene, 'clone-alone');
    expect(copy.isTraced).toBe(true);
    expect(changed(after, blank(after), 10)).toBeGreaterThan(0.05);
  });
});

/** A picture of the corner's colour. */
function blank(picture: Picture): Picture {
  const data = new Uint8Array(picture.data.length);
  for (let i = 0; i < data.length; i++) data[i] = picture.data[i % 4];
  return { ...picture, data };
}
