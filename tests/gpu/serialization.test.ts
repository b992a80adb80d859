import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { AppendSceneAsync, LoadAssetContainerAsync } from '@babylonjs/core/Loading/sceneLoader.js';
import '@babylonjs/core/Loading/Plugins/babylonFileLoader.js';
import '@babylonjs/core/Materials/colorCurves.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { SceneSerializer } from '@babylonjs/core/Misc/sceneSerializer.js';
import { Scene } from '@babylonjs/core/scene.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { registerNeuralSdfSerialization } from '../../plugin/asset/serialization.js';
import { NeuralSdfInstance } from '../../plugin/instances/instances.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { changed, shoot } from '../support/pictures.js';
import { openStudio, stageShape } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

describe('a scene with neural shapes, written and read', () => {
  let engine: WebGPUEngine;
  beforeAll(async () => {
    registerNeuralSdfSerialization();
    engine = await createHeadlessEngine({ width: 160, height: 120 });
  });
  afterEach(() => {
    for (const scene of [...engine.scenes]) scene.dispose();
  });

  async function writeScene(name: string) {
    const { scene } = openStudio(engine);
    const mesh = await stageShape(scene, tinyShapes(), 'torus', { resolution: 48 });
    mesh.position.set(-0.6, 0, 0);
    mesh.rotation.set(0.7, 0.2, 0);
    mesh.scaling.setAll(0.6);
    mesh.blend('torus', 'sphere', 0.3);
    const instance = mesh.createInstance('second');
    instance.position = new Vector3(0.7, 0, 0);
    instance.setShape('box');
    const picture = await shoot(scene, `${name}-written`);
    expect(mesh.isTraced).toBe(true);
    const text = JSON.stringify(await SceneSerializer.SerializeAsync(scene));
    scene.dispose();
    return { picture, text };
  }

  it('shows the same picture', async () => {
    const { picture, text } = await writeScene('serialized');
    const scene = new Scene(engine);
    await AppendSceneAsync(`data:${text}`, scene);
    scene.activeCamera = scene.cameras[0];
    const mesh = scene.meshes.find((one) => one instanceof NeuralSdfMesh)!;
    expect(changed(picture, await shoot(scene, 'serialized-read'), 2)).toBe(0);
    expect(mesh.isTraced).toBe(true);
    expect(mesh.fallbackMesh).toBeDefined();
    expect(mesh.instances[0]).toBeInstanceOf(NeuralSdfInstance);
    // The mesh, its instance, and a stand-in for each.
    expect(scene.meshes.length).toBe(4);
  });

  it('is instantiated from an asset container, again and again', async () => {
    const { picture, text } = await writeScene('container');
    const { scene } = openStudio(engine);
    const container = await LoadAssetContainerAsync(`data:${text}`, scene);
    expect(scene.meshes).toEqual([]);
    const source = container.meshes.find((one) => one instanceof NeuralSdfMesh)!;
    for (const doNotInstantiate of [false, true]) {
      const { rootNodes } = container.instantiateModelsToScene(undefined, false, { doNotInstantiate });
      // Babylon makes instances anew, without what they bear.
      for (const root of rootNodes) if (root.name === 'second') (root as NeuralSdfInstance).setShape('box');
      const drawn = rootNodes.find((root) => root instanceof NeuralSdfMesh) ?? source;
      // What is not in the scene is not waited for.
      for (let i = 0; i < 20 && !(drawn.isTraced && drawn.isReady()); i++) await shoot(scene, 'container-waiting');
      expect(drawn.isTraced).toBe(true);
      expect(changed(picture, await shoot(scene, `container-${doNotInstantiate}`), 8)).toBeLessThan(0.002);
      expect(scene.meshes.length).toBe(4);
      for (const root of rootNodes) root.dispose();
      expect(scene.meshes).toEqual([]);
    }
  });
});
