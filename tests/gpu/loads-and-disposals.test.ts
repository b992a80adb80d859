import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import '@babylonjs/core/Lights/Shadows/shadowGeneratorSceneComponent.js';
import { LoadAssetContainerAsync } from '@babylonjs/core/Loading/sceneLoader.js';
import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { bakeTriangles } from '../../plugin/baked/baked-mesh.js';
import { NeuralSdfMesh, registerNeuralSdf } from '../../plugin/index.js';
import { writeShapes } from '../../src/asset/index.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { countDevice, type DeviceCounts } from '../support/device-counters.js';
import { drawFrame } from '../support/device-loss.js';
import { expectNothingLeft, takeInventory } from '../support/inventory.js';
import { octahedra } from '../support/octahedra.js';
import { shoot } from '../support/pictures.js';
import { openStudio, paint, type Studio } from '../support/studio.js';

const LOADS = 1000;

describe('a thousand loads and disposals', () => {
  let engine: WebGPUEngine;
  let shapes: NeuralShapes;
  let glb: Uint8Array;
  let studio: Studio;
  let material: PBRMaterial;
  let stays: NeuralSdfMesh;
  let counts: DeviceCounts;

  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: 32, height: 24 });
    shapes = octahedra();
    const first = shapes.shapes[0];
    const bakedMesh = await bakeTriangles(shapes, first.latent, 16);
    shapes = { ...shapes, shapes: [{ ...first, bakedMesh }, ...shapes.shapes.slice(1)] };
    glb = await writeShapes(shapes);
    registerNeuralSdf();
    studio = openStudio(engine);
    material = paint(studio.scene, new Color3(0.5, 0.6, 0.9));
    // So that the decoder's shaders are compiled once.
    stays = NeuralSdfMesh.Create('stays', shapes, studio.scene, { material });
    stays.receiveShadows = true;
    stays.position.x = 1;
  });

  const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

  /** One of a handful of ways that a mesh comes and goes. */
  async function loadAndDispose(i: number): Promise<void> {
    if (i % 100 === 99) {
      const other = openStudio(engine);
      NeuralSdfMesh.Create('in a scene of its own', shapes, other.scene).setShape(1);
      drawFrame(other.scene);
      await turn();
      other.scene.dispose();
    } else if (i % 50 === 10) {
      const container = await LoadAssetContainerAsync(glb, studio.scene, { pluginExtension: '.glb' });
      container.addAllToScene();
      container.dispose();
    } else {
      const mesh = NeuralSdfMesh.Create('comes and goes', shapes, studio.scene, { material });
      const shadows = i % 20 === 3 ? new ShadowGenerator(32, studio.sun) : undefined;
      shadows?.addShadowCaster(mesh);
      if (i % 2) mesh.setShape(i % 3);
      const copy = i % 10 === 4 ? mesh.clone() : undefined;
      if (i % 5 === 0) {
        await turn();
        drawFrame(studio.scene);
      }
      if (i % 7 === 0) mesh.blend('large', 'right', 0.5);
      shadows?.dispose();
      if (i % 4) mesh.dispose();
      copy?.dispose();
      mesh.dispose();
    }
  }

  /** What Babylon frees late, it frees within a few frames. */
  async function settle(): Promise<void> {
    for (let i = 0; i < 4; i++) await shoot(studio.scene, 'loads');
    await turn();
  }

  function inventory(): Record<string, number> {
    const { scene, camera, sun } = studio;
    const { decoder, meshCount } = stays.plugin!;
    const { pipelines } = decoder;
    return { ...takeInventory(engine, scene, counts, { camera, sun, material, stays, pipelines }), tracedMeshes: meshCount };
  }

  it('leaves buffers, textures and listeners as they were', async () => {
    counts = countDevice(engine);
    // Each way once: what is made once and stays.
    for (const i of [99, 10, 3, 4, 5, 35]) await loadAndDispose(i);
    await settle();
    const before = inventory();
    expect(stays.isTraced).toBe(true);
    const started = process.cpuUsage();
    for (let i = 0; i < LOADS; i++) await loadAndDispose(i);
    const { user, system } = process.cpuUsage(started);
    await settle();
    expectNothingLeft(inventory(), before);
    expect((user + system) / 1e6).toBeLessThan(60);
  });
});
