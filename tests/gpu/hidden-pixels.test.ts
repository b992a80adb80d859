import { Camera } from '@babylonjs/core/Cameras/camera.js';
import { FreeCamera } from '@babylonjs/core/Cameras/freeCamera.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Viewport } from '@babylonjs/core/Maths/math.viewport.js';
import { CreateBox } from '@babylonjs/core/Meshes/Builders/boxBuilder.js';
import { CreateGround } from '@babylonjs/core/Meshes/Builders/groundBuilder.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FrameBudget } from '../../plugin/budget/frame-budget.js';
import { HiddenPixels } from '../../plugin/material/hidden-pixels.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { changed, shoot } from '../support/pictures.js';
import { openStudio, paint, type Studio } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

describe('pixels hidden behind opaque meshes', () => {
  let engine: WebGPUEngine;
  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: 160, height: 120 });
  });
  afterEach(() => {
    for (const scene of [...engine.scenes]) scene.dispose();
    engine.useReverseDepthBuffer = false;
  });

  /** A torus, a box in front of half of it, another through its middle, and a ground that cuts it. */
  function arrange(studio: Studio): NeuralSdfMesh {
    const mesh = NeuralSdfMesh.Create('torus', tinyShapes(), studio.scene);
    const towardsCamera = studio.camera.position.scale(0.45);
    const front = CreateBox('front', { width: 0.8, height: 1.4, depth: 0.1 }, studio.scene);
    front.position.copyFrom(towardsCamera);
    front.position.x += 0.25;
    front.lookAt(studio.camera.position);
    const middle = CreateBox('middle', { size: 0.5 }, studio.scene);
    middle.rotation.set(0.5, 0.5, 0);
    middle.position.set(-0.5, 0.1, -0.1);
    const ground = CreateGround('ground', { width: 5, height: 5 }, studio.scene);
    ground.position.y = -0.1;
    for (const opaque of [front, middle, ground]) opaque.material = paint(studio.scene, new Color3(0.3, 0.5, 0.8));
    return mesh;
  }

  async function countEvaluations(studio: Studio, mesh: NeuralSdfMesh, name: string) {
    await mesh.plugin!.readEvaluationsAsync();
    const picture = await shoot(studio.scene, name);
    return { picture, ...(await mesh.plugin!.readEvaluationsAsync()) };
  }

  const arrangements: Record<string, (studio: Studio, mesh: NeuralSdfMesh) => void> = {
    plain: () => {},
    orthographic: ({ camera }) => {
      camera.mode = Camera.ORTHOGRAPHIC_CAMERA;
      [camera.orthoLeft, camera.orthoRight, camera.orthoBottom, camera.orthoTop] = [-1.6, 1.6, -1.2, 1.2];
    },
    'logarithmic depth': ({ scene }) => {
      for (const material of scene.materials) material.useLogarithmicDepth = true;
    },
    'a viewport of its own': ({ camera }) => {
      camera.viewport = new Viewport(0.2, 0.3, 0.7, 0.6);
    },
  };

  it.each([
    { name: 'plain', reverse: false, rightHanded: false },
    { name: 'plain', reverse: true, rightHanded: true },
    { name: 'orthographic', reverse: true, rightHanded: false },
    { name: 'logarithmic depth', reverse: false, rightHanded: true },
    { name: 'a viewport of its own', reverse: false, rightHanded: false },
  ])(
    'cost nothing, and the picture stays the same: $name, reverse depth $reverse, right-handed $rightHanded',
    async ({ name, reverse, rightHanded }) => {
      engine.useReverseDepthBuffer = reverse;
      const studio = openStudio(engine, { rightHanded });
      const mesh = arrange(studio);
      arrangements[name](studio, mesh);
      mesh.plugin!.countsEvaluations = true;
      const file = `hidden-${name.replaceAll(' ', '-')}-${reverse}-${rightHanded}`;
      await shoot(studio.scene, file);
      const before = await countEvaluations(studio, mesh, `${file}-before`);
      const hidden = HiddenPixels.Enable(studio.camera);
      await shoot(studio.scene, file);
      const after = await countEvaluations(studio, mesh, `${file}-after`);
      expect(changed(before.picture, after.picture, 0)).toBe(0);
      // Depths are kept for whole pictures only; elsewhere everything is evaluated.
      if (name === 'a viewport of its own') expect(after.evaluations).toBe(before.evaluations);
      else expect(after.evaluations).toBeLessThan(0.7 * before.evaluations);
      expect(after.evaluations).toBeGreaterThan(0.1 * before.evaluations);
      hidden.dispose();
      await shoot(studio.scene, file);
      const again = await countEvaluations(studio, mesh, file);
      expect(again.evaluations).toBe(before.evaluations);
      expect(studio.scene.customRenderTargets).toEqual([]);
    },
  );

  it('cost nothing under four samples a pixel, and every sample stays the same', async () => {
    const multisampled = await createHeadlessEngine({ width: 160, height: 120, engine: { antialias: true } });
    const studio = openStudio(multisampled);
    const mesh = arrange(studio);
    mesh.plugin!.countsEvaluations = true;
    await shoot(studio.scene, 'hidden-multisampled');
    const before = await countEvaluations(studio, mesh, 'hidden-multisampled-before');
    expect(mesh.isTraced).toBe(true);
    HiddenPixels.Enable(studio.camera);
    await shoot(studio.scene, 'hidden-multisampled');
    const after = await countEvaluations(studio, mesh, 'hidden-multisampled-after');
    studio.scene.dispose();
    expect(changed(before.picture, after.picture, 0)).toBe(0);
    expect(after.evaluations).toBeLessThan(0.7 * before.evaluations);
    expect(after.evaluations).toBeGreaterThan(0.1 * before.evaluations);
  });

  it('leave the picture of a frame budget as it is, at a third and sharpened', async () => {
    const studio = openStudio(engine);
    const mesh = arrange(studio);
    const budget = FrameBudget.of(studio.scene);
    budget.forcedScale = 1 / 3;
    mesh.targetFrameTime = 16;
    const settle = async (sharp: boolean) => {
      budget.sharpensAtRest = sharp;
      for (let frame = 0; frame < 60 && !(budget.shows(mesh) && budget.isSharp === sharp); frame++)
        await shoot(studio.scene, 'hidden-budget');
      expect([budget.shows(mesh), budget.isSharp]).toEqual([true, sharp]);
      return shoot(studio.scene, `hidden-budget-${sharp}`);
    };
    const before = await settle(false);
    HiddenPixels.Enable(studio.camera);
    expect(changed(before, await settle(false), 0)).toBe(0);
    const sharp = await settle(true);
    expect(changed(before, sharp, 8)).toBeGreaterThan(0.001);
    // By the same shader as without a budget, which makes nothing of the texture.
    mesh.targetFrameTime = 0;
    const direct = await shoot(studio.scene, 'hidden-budget-direct');
    expect(changed(sharp, direct, 40)).toBeLessThan(0.01);
  });

  it('are those of the camera that asked, and of no other', async () => {
    const studio = openStudio(engine);
    const mesh = arrange(studio);
    const other = new FreeCamera('other', studio.camera.position.multiplyByFloats(-1, 1, 1), studio.scene);
    other.setTarget(mesh.position);
    mesh.plugin!.countsEvaluations = true;
    studio.scene.activeCamera = other;
    const before = await shoot(studio.scene, 'hidden-cameras-before');
    const unhelped = await countEvaluations(studio, mesh, 'hidden-cameras-before');
    HiddenPixels.Enable(studio.camera);
    const helped = await countEvaluations(studio, mesh, 'hidden-cameras-after');
    expect(changed(before, helped.picture, 0)).toBe(0);
    expect(helped.evaluations).toBe(unhelped.evaluations);
  });
});
