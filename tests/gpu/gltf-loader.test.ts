import { NullEngine } from '@babylonjs/core/Engines/nullEngine.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { ImportMeshAsync, LoadAssetContainerAsync } from '@babylonjs/core/Loading/sceneLoader.js';
import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { Scene } from '@babylonjs/core/scene.js';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { bakeTriangles } from '../../plugin/baked/baked-mesh.js';
import { createCollider, NeuralSdfMesh, registerNeuralSdf } from '../../plugin/index.js';
import { writeShapes } from '../../src/asset/index.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { changed, shoot } from '../support/pictures.js';
import { openStudio } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

describe('a .glb with neural shapes', () => {
  let bytes: Uint8Array;
  beforeAll(async () => {
    const shapes = tinyShapes();
    const baked = [];
    for (const shape of shapes.shapes) baked.push({ ...shape, bakedMesh: await bakeTriangles(shapes, shape.latent, 64) });
    bytes = await writeShapes({ ...shapes, shapes: baked });
    registerNeuralSdf();
    // Twice does no harm.
    registerNeuralSdf();
  });

  const neuralOf = (meshes: readonly unknown[]) => meshes.filter((mesh): mesh is NeuralSdfMesh => mesh instanceof NeuralSdfMesh);

  describe('on WebGPU', () => {
    let engine: WebGPUEngine;
    beforeAll(async () => {
      engine = await createHeadlessEngine({ width: 320, height: 240 });
    });
    afterEach(() => {
      for (const scene of [...engine.scenes]) scene.dispose();
    });

    it('gives one traced mesh a node, its plain mesh as the fallback', async () => {
      const { scene, camera } = openStudio(engine);
      const { meshes } = await ImportMeshAsync(bytes, scene, { pluginExtension: '.glb' });
      const neural = neuralOf(meshes);
      expect(neural.map(({ name }) => name)).toEqual(['torus', 'sphere', 'box']);
      expect(new Set(neural.map(({ shapes }) => shapes)).size).toBe(1);
      for (const [i, mesh] of neural.entries()) {
        expect(mesh.latent).toEqual(tinyShapes().shapes[i].latent);
        expect(mesh.fallbackMesh?.getTotalVertices()).toBeGreaterThan(500);
        expect(mesh.isTraced).toBe(false);
        expect(mesh.fallbackMesh?.isEnabled()).toBe(true);
        mesh.scaling.setAll(0.5);
        mesh.position.set(i - 1, 0, 0);
      }
      (neural[0].material as PBRMaterial).albedoColor.set(0.7, 0.2, 0.2);
      camera.position.z -= 0.5;
      const traced = await shoot(scene, 'loader-traced');
      expect(neural.map(({ isTraced }) => isTraced)).toEqual([true, true, true]);
      // Ready to stand in at a distance, and not drawn here.
      expect(neural.map(({ fallbackMesh }) => fallbackMesh!.getLOD(camera))).toEqual([null, null, null]);
      for (const mesh of neural) mesh.showBaked = 'always';
      const baked = await shoot(scene, 'loader-baked');
      expect(changed(traced, baked, 24)).toBeLessThan(0.006);
      for (const mesh of neural) mesh.showBaked = 'overlay';
      const overlay = await shoot(scene, 'loader-overlay');
      expect(changed(traced, overlay, 24)).toBeGreaterThan(0.01);
      expect(neural[0].isTraced).toBe(true);
    });

    it('fills an asset container without touching the scene', async () => {
      const { scene } = openStudio(engine);
      const before = scene.meshes.length;
      const container = await LoadAssetContainerAsync(bytes, scene, { pluginExtension: '.glb' });
      expect(scene.meshes.length).toBe(before);
      expect(neuralOf(container.meshes)).toHaveLength(3);
      container.addAllToScene();
      await shoot(scene, 'loader-container');
      expect(neuralOf(scene.meshes).every(({ isTraced }) => isTraced)).toBe(true);
    });

    it('makes a hidden collider of what is shown', async () => {
      const { scene } = openStudio(engine);
      const [torus] = neuralOf((await ImportMeshAsync(bytes, scene, { pluginExtension: '.glb' })).meshes);
      torus.setShape('sphere');
      const collider = await createCollider(torus, { resolution: 32 });
      expect(collider.parent).toBe(torus);
      expect(collider.isVisible).toBe(false);
      const { minimum, maximum } = collider.getBoundingInfo();
      for (const axis of ['x', 'y', 'z'] as const) {
        expect(minimum[axis]).toBeCloseTo(-0.65, 1);
        expect(maximum[axis]).toBeCloseTo(0.65, 1);
      }
    });

    it('refuses a field that is out of range, by name', async () => {
      const { scene } = openStudio(engine);
      const text = new TextDecoder('latin1').decode(bytes);
      expect(text).toContain('"delta":0.1');
      const broken = Uint8Array.from(text.replace('"delta":0.1', '"delta":0.0'), (character) => character.charCodeAt(0));
      await expect(ImportMeshAsync(broken, scene, { pluginExtension: '.glb' })).rejects.toThrow(/delta is 0, must be/);
    });
  });

  it('shows the baked meshes without WebGPU, and says so once', async () => {
    const warn = vi.spyOn(Logger, 'Warn').mockImplementation(() => {});
    const engine = new NullEngine();
    const scene = new Scene(engine);
    const neural = neuralOf((await ImportMeshAsync(bytes, scene, { pluginExtension: '.glb' })).meshes);
    expect(neural).toHaveLength(3);
    for (const mesh of neural) {
      expect(mesh.isTraced).toBe(false);
      expect(mesh.isVisible).toBe(false);
      expect(mesh.fallbackMesh?.isEnabled()).toBe(true);
      expect(mesh.fallbackMesh?.isVisible).toBe(true);
    }
    expect(warn.mock.calls.filter(([message]) => /not WebGPU/.test(String(message)))).toHaveLength(1);
    // The same calls work: the fallback is baked anew.
    const before = neural[0].fallbackMesh!.getTotalVertices();
    neural[0].setShape('box');
    await neural[0].bakeFallbackAsync(24);
    expect(neural[0].fallbackMesh!.getTotalVertices()).not.toBe(before);
    warn.mockRestore();
    engine.dispose();
  });
});
