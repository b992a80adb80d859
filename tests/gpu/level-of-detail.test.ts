import { FreeCamera } from '@babylonjs/core/Cameras/freeCamera.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Matrix, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { Viewport } from '@babylonjs/core/Maths/math.viewport.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { projectedHeight } from '../../plugin/baked/level-of-detail.js';
import type { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { changed, compare, shoot } from '../support/pictures.js';
import { openStudio, type Studio, stageShape } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const WIDTH = 160;
const HEIGHT = 120;

describe('level of detail', () => {
  const shapes = tinyShapes();
  let engine: WebGPUEngine;
  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: WIDTH, height: HEIGHT });
  });
  afterEach(() => {
    for (const scene of [...engine.scenes]) scene.dispose();
  });

  async function stage(lodPixels: number): Promise<{ studio: Studio; mesh: NeuralSdfMesh }> {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 96, lodPixels });
    mesh.rotation.set(0.4, 0.3, 0);
    mesh.plugin!.countsEvaluations = true;
    return { studio, mesh };
  }

  /** Moves a camera so that the mesh's box is so many pixels tall. */
  function stepBack({ camera }: Studio, mesh: NeuralSdfMesh, pixels: number): void {
    const height = () => {
      camera.getViewMatrix(true);
      camera.getProjectionMatrix(true);
      return projectedHeight(mesh.computeWorldMatrix(true), shapes.halfExtent, camera) * HEIGHT;
    };
    for (let i = 0; i < 8; i++) {
      camera.position.scaleInPlace(height() / pixels);
      camera.setTarget(Vector3.Zero());
    }
    expect(height()).toBeCloseTo(pixels, 1);
  }

  /** Eight units behind the origin, and so many to the right. */
  function behind({ camera }: Studio, right: number): Vector3 {
    return camera.getDirection(new Vector3(right, 0, 8));
  }

  /** A picture, and the number of pixels' rays that were marched for it. */
  async function march({ scene }: Studio, mesh: NeuralSdfMesh, name: string) {
    await shoot(scene, name);
    await mesh.plugin!.readEvaluationsAsync();
    const picture = await shoot(scene, name);
    expect(mesh.isTraced).toBe(true);
    const { evaluations } = await mesh.plugin!.readEvaluationsAsync();
    return { picture, evaluations };
  }

  it('traces above, draws the baked mesh below, and passes between them without a hole or a jump', async () => {
    const { studio, mesh } = await stage(60);
    const evaluations: number[] = [];
    for (const pixels of [95, 75, 55]) {
      stepBack(studio, mesh, pixels);
      mesh.setEnabled(false);
      const empty = await shoot(studio.scene, `lod-${pixels}-empty`);
      mesh.setEnabled(true);
      const drawn = await march(studio, mesh, `lod-${pixels}`);
      mesh.lodPixels = 0;
      const traced = await march(studio, mesh, `lod-${pixels}-traced`);
      mesh.lodPixels = 60;
      evaluations.push(drawn.evaluations / traced.evaluations);
      const { hits, agreement, silhouette } = compare(drawn.picture, traced.picture, empty);
      expect(hits).toBeGreaterThan(400);
      expect(agreement).toBeGreaterThan(0.99);
      expect(silhouette).toBeLessThan(0.03);
    }
    expect(evaluations[0]).toBe(1);
    expect(evaluations[1]).toBeGreaterThan(0.3);
    expect(evaluations[1]).toBeLessThan(0.7);
    expect(evaluations[2]).toBe(0);
  });

  it('decides for each instance by itself', async () => {
    const { studio, mesh } = await stage(30);
    const far = mesh.createInstance('far');
    const other = mesh.createInstance('far, of another shape');
    far.position = behind(studio, 3);
    other.position = behind(studio, -3);
    const all = await march(studio, mesh, 'lod-instances');
    mesh.lodPixels = 0;
    const traced = await march(studio, mesh, 'lod-instances-traced');
    expect(changed(all.picture, traced.picture)).toBeLessThan(0.003);
    expect(all.evaluations).toBeLessThan(0.97 * traced.evaluations);
    mesh.lodPixels = 30;
    // The baked mesh would show the wrong shape there.
    other.setShape('box');
    const one = await march(studio, mesh, 'lod-instances-box');
    expect(one.evaluations).toBeGreaterThan(all.evaluations);
    mesh.lodPixels = 0;
    expect(changed(one.picture, (await march(studio, mesh, 'lod-instances-box-traced')).picture)).toBeLessThan(0.003);
  });

  it('decides for each thin instance by itself', async () => {
    const { studio, mesh } = await stage(30);
    mesh.rotation.setAll(0);
    const { x, y, z } = behind(studio, 3);
    mesh.thinInstanceAdd(Matrix.Identity());
    await shoot(studio.scene, 'lod-thin-near');
    expect(mesh.isTraced).toBe(true);
    expect(mesh.fallbackMesh!.getLOD(studio.camera)).toBe(null);
    mesh.thinInstanceAdd(Matrix.Translation(x, y, z));
    expect(mesh.fallbackMesh!.getLOD(studio.camera)).toBe(mesh.fallbackMesh);
    const all = await march(studio, mesh, 'lod-thin');
    mesh.lodPixels = 0;
    const traced = await march(studio, mesh, 'lod-thin-traced');
    expect(changed(all.picture, traced.picture)).toBeLessThan(0.003);
    expect(all.evaluations).toBeLessThan(0.97 * traced.evaluations);
  });

  it('decides for each camera by itself', async () => {
    const { studio, mesh } = await stage(30);
    const { scene, camera } = studio;
    const distant = new FreeCamera('distant', camera.position.scale(5), scene);
    distant.setTarget(Vector3.Zero());
    camera.viewport = new Viewport(0, 0, 0.5, 1);
    distant.viewport = new Viewport(0.5, 0, 0.5, 1);
    scene.activeCameras = [camera, distant];
    const both = await march(studio, mesh, 'lod-cameras');
    mesh.lodPixels = 0;
    const traced = await march(studio, mesh, 'lod-cameras-traced');
    expect(changed(both.picture, traced.picture)).toBeLessThan(0.003);
    // The distant picture has a twenty-fifth of the near one's pixels.
    expect(both.evaluations).toBeLessThan(0.985 * traced.evaluations);
    expect(both.evaluations).toBeGreaterThan(0.9 * traced.evaluations);
  });

  it('never shows a baked mesh of another latent code', async () => {
    const { studio, mesh } = await stage(60);
    stepBack(studio, mesh, 40);
    expect((await march(studio, mesh, 'lod-stale-before')).evaluations).toBe(0);
    mesh.setShape('box');
    const edited = await march(studio, mesh, 'lod-stale');
    expect(edited.evaluations).toBeGreaterThan(0);
    const rebaked = new Promise((resolve) => mesh.onBakedObservable.addOnce(resolve));
    mesh.autoBake = true;
    await rebaked;
    const baked = await march(studio, mesh, 'lod-stale-baked');
    expect(baked.evaluations).toBe(0);
    // At a coarser resolution than the one before.
    expect(changed(edited.picture, baked.picture)).toBeLessThan(0.005);
  });
});
