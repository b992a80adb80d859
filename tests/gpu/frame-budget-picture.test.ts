import { Camera } from '@babylonjs/core/Cameras/camera.js';
import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import '@babylonjs/core/Lights/Shadows/shadowGeneratorSceneComponent.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Plane } from '@babylonjs/core/Maths/math.plane.js';
import { CreateBox } from '@babylonjs/core/Meshes/Builders/boxBuilder.js';
import { CreateGround } from '@babylonjs/core/Meshes/Builders/groundBuilder.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { describe, expect, it } from 'vitest';
import { FrameBudget } from '../../plugin/budget/frame-budget.js';
import type { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { loseDevice } from '../support/device-loss.js';
import { budgetEngine, FRAME, settle, shootBoth } from '../support/frame-budgets.js';
import { changed, compare, type Picture, shoot } from '../support/pictures.js';
import { openStudio, paint, type Studio, stageShape } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

/** What the texture that shapes are traced into shows. */
describe('the picture under a frame budget', () => {
  const shapes = tinyShapes();
  const suite = budgetEngine(shapes);

  async function shootWithout(studio: Studio, meshes: NeuralSdfMesh[], name: string): Promise<Picture> {
    for (const mesh of meshes) mesh.setEnabled(false);
    const empty = await shoot(studio.scene, `${name}-empty`);
    for (const mesh of meshes) mesh.setEnabled(true);
    return empty;
  }

  function addBox({ scene }: Studio, size: number, x: number, y: number, z: number): Mesh {
    const box = CreateBox('box', { size }, scene);
    box.position.set(x, y, z);
    box.material = paint(scene, new Color3(0.15, 0.4, 0.8));
    return box;
  }

  const arrangements: Record<string, (studio: Studio, mesh: NeuralSdfMesh) => void> = {
    perspective: () => {},
    orthographic: ({ camera }) => {
      camera.mode = Camera.ORTHOGRAPHIC_CAMERA;
      [camera.orthoLeft, camera.orthoRight, camera.orthoBottom, camera.orthoTop] = [-1.6, 1.6, -1.2, 1.2];
    },
    'turned and scaled unevenly': (_, mesh) => {
      mesh.scaling.set(1.4, -0.7, 1);
      mesh.rotation.set(0.4, 0.9, -0.3);
    },
    'behind a clip plane, with edits': ({ scene }, mesh) => {
      scene.clipPlane = new Plane(0.5, 0.2, 0.8, -0.05);
      mesh.edits.subtract({ kind: 'sphere', radius: 0.35, position: [-0.5, 0.1, -0.1] }, { smoothness: 0.05 });
    },
    'reverse depth, right-handed, logarithmic': (_, mesh) => {
      mesh.material!.useLogarithmicDepth = true;
    },
  };

  it.each(Object.keys(arrangements))('upsamples a ninth of the pixels to nearly the same picture: %s', async (name) => {
    suite.engine.useReverseDepthBuffer = name.startsWith('reverse');
    const studio = openStudio(suite.engine, { rightHanded: name.startsWith('reverse') });
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    arrangements[name](studio, mesh);
    const file = `budget-${name.replaceAll(/\W+/g, '-')}`;
    const [full, low] = await shootBoth(studio, [mesh], file);
    const { hits, agreement, silhouette } = compare(full, low, await shootWithout(studio, [mesh], file), 24);
    expect(hits).toBeGreaterThan(4000);
    expect(agreement).toBeGreaterThan(0.99);
    // Texels know of the shape's silhouette, not of the edge along which a plane cuts it: there they show.
    expect(silhouette).toBeLessThan(name.startsWith('behind a clip plane') ? 0.02 : 0.012);
    // It is not the full picture that was shot twice.
    expect(changed(full, low, 1)).toBeGreaterThan(0.005);
  });

  it('keeps shapes apart that overlap each other and a box, at half and at a quarter', async () => {
    const studio = openStudio(suite.engine);
    const torus = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const sphere = await stageShape(studio.scene, shapes, 'sphere', { resolution: 32, material: paint(studio.scene, Color3.Green()) });
    sphere.scaling.setAll(0.6);
    sphere.position.set(0.5, 0.1, -0.4);
    addBox(studio, 0.5, -0.6, 0.1, -0.2);
    for (const scale of [1 / 2, 1 / 4]) {
      for (const mesh of [torus, sphere]) mesh.targetFrameTime = 0;
      const [full, low] = await shootBoth(studio, [torus, sphere], `budget-overlap-${1 / scale}`, scale);
      expect(changed(full, low, 24)).toBeLessThan(0.008);
      expect(changed(full, low, 1)).toBeGreaterThan(0.005);
    }
  });

  it('keeps a ring thinner than a texel', async () => {
    const studio = openStudio(suite.engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    mesh.scaling.y = 0.06;
    studio.camera.position.set(0, 0.25, -3);
    studio.camera.setTarget(mesh.position);
    const [full, low] = await shootBoth(studio, [mesh], 'budget-thin');
    const empty = await shootWithout(studio, [mesh], 'budget-thin');
    const covered = (picture: Picture) => changed(picture, empty, 2);
    expect(covered(low)).toBeGreaterThan(0.9 * covered(full));
    expect(covered(low)).toBeLessThan(1.1 * covered(full));
  });

  it('shows what fragments would trace where the full resolution is traced ahead', async () => {
    const studio = openStudio(suite.engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const full = await shoot(studio.scene, 'budget-ahead-full');
    const budget = FrameBudget.of(studio.scene);
    budget.forcedScale = 1;
    budget.tracesAhead = true;
    mesh.targetFrameTime = FRAME;
    await settle(studio, () => budget.shows(mesh));
    const ahead = await shoot(studio.scene, 'budget-ahead');
    expect(budget.isSharp).toBe(true);
    expect((await budget.readEvaluationsAsync()).evaluations).toBeGreaterThan(4000);
    expect(changed(full, ahead, 8)).toBeLessThan(0.002);
  });

  it('leaves shadow maps alone', async () => {
    const studio = openStudio(suite.engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const ground = CreateGround('ground', { width: 5, height: 5 }, studio.scene);
    ground.position.y = -0.5;
    ground.material = paint(studio.scene, new Color3(0.8, 0.8, 0.8));
    const generator = new ShadowGenerator(512, studio.sun);
    generator.bias = 0.005;
    generator.usePercentageCloserFiltering = true;
    generator.addShadowCaster(mesh);
    for (const receiver of [mesh, ground]) receiver.receiveShadows = true;
    const [full, low] = await shootBoth(studio, [mesh], 'budget-shadow');
    expect(changed(full, low, 24)).toBeLessThan(0.008);
    const [inLight] = [await shootWithout(studio, [mesh], 'budget-shadow')];
    expect(changed(full, inLight, 40)).toBeGreaterThan(0.1);
  });

  it('comes back after the device was lost', async () => {
    const studio = openStudio(suite.engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const [, low] = await shootBoth(studio, [mesh], 'budget-device');
    const budget = FrameBudget.of(studio.scene);
    await loseDevice(suite.engine);
    await settle(studio, () => budget.shows(mesh));
    expect(changed(low, await shoot(studio.scene, 'budget-device-after'), 2)).toBe(0);
  });
});
