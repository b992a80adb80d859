import { Camera } from '@babylonjs/core/Cameras/camera.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import '@babylonjs/core/Lights/Shadows/shadowGeneratorSceneComponent.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Plane } from '@babylonjs/core/Maths/math.plane.js';
import { CreateBox } from '@babylonjs/core/Meshes/Builders/boxBuilder.js';
import { CreateGround } from '@babylonjs/core/Meshes/Builders/groundBuilder.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SCALES } from '../../plugin/budget/budget-controller.js';
import { FrameBudget } from '../../plugin/budget/frame-budget.js';
import { deviceOf } from '../../plugin/device.js';
import type { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { SharedDecoder } from '../../plugin/shape/shared-decoder.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { countDevice } from '../support/device-counters.js';
import { loseDevice } from '../support/device-loss.js';
import { changed, compare, type Picture, shoot } from '../support/pictures.js';
import { openStudio, paint, type Studio, stageShape } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const FRAME = 16;

describe('a frame budget', () => {
  const shapes = tinyShapes();
  let engine: WebGPUEngine;
  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: 320, height: 240 });
    // Keeps the decoder's shaders from one test to the next.
    SharedDecoder.acquire(engine, shapes);
  });
  afterEach(() => {
    for (const scene of [...engine.scenes]) scene.dispose();
    engine.useReverseDepthBuffer = false;
  });

  function drawFrame({ scene }: Studio): void {
    engine.beginFrame();
    scene.render();
    engine.endFrame();
  }

  /** Frames until nothing is left to compile and every mesh is drawn as is planned. */
  async function settle(studio: Studio, done: () => boolean): Promise<void> {
    for (let frame = 0; frame < 40; frame++) {
      drawFrame(studio);
      await studio.scene.whenReadyAsync();
      if (frame > 2 && done()) return;
      // Babylon loads parts of its shaders when they are first asked for.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('not settled after 40 frames');
  }

  /** The traced picture, then the same from textures of a share of its resolution, nothing sharpened. */
  async function shootBoth(studio: Studio, meshes: NeuralSdfMesh[], name: string, scale = 1 / 3): Promise<[Picture, Picture]> {
    const full = await shoot(studio.scene, `${name}-full`);
    const budget = FrameBudget.of(studio.scene);
    budget.sharpensAtRest = false;
    budget.forcedScale = scale;
    for (const mesh of meshes) mesh.targetFrameTime = FRAME;
    await settle(studio, () => meshes.every((mesh) => budget.shows(mesh)));
    const low = await shoot(studio.scene, `${name}-low`);
    expect(budget.isSharp).toBe(false);
    return [full, low];
  }

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
    engine.useReverseDepthBuffer = name.startsWith('reverse');
    const studio = openStudio(engine, { rightHanded: name.startsWith('reverse') });
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
    const studio = openStudio(engine);
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
    const studio = openStudio(engine);
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

  it('is sharp once nothing moves, pixel for pixel, and coarse again as soon as something does', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const budget = FrameBudget.of(studio.scene);
    const plugins = [mesh.plugin!, budget];
    mesh.plugin!.countsEvaluations = true;
    const [full, low] = await shootBoth(studio, [mesh], 'budget-rest');
    const countFrame = async (): Promise<number> => {
      for (const plugin of plugins) await plugin.readEvaluationsAsync();
      drawFrame(studio);
      const counts = await Promise.all(plugins.map((plugin) => plugin.readEvaluationsAsync()));
      return counts.reduce((sum, { evaluations }) => sum + evaluations, 0);
    };
    // Nothing moved, nothing is traced.
    expect(await countFrame()).toBe(0);
    mesh.position.x += 1e-4;
    const coarse = await countFrame();
    budget.sharpensAtRest = true;
    const strips: number[] = [];
    while (!budget.isSharp && strips.length < 40) strips.push(await countFrame());
    expect(budget.isSharp).toBe(true);
    const sum = strips.reduce((a, b) => a + b, 0);
    expect(coarse).toBeLessThan(sum / 6);
    expect(Math.max(...strips)).toBeLessThan(2.5 * coarse);
    const sharp = await shoot(studio.scene, 'budget-rest-sharp');
    expect(changed(full, sharp, 8)).toBeLessThan(0.002);
    expect(changed(low, sharp, 8)).toBeGreaterThan(0.002);
    expect(await countFrame()).toBe(0);

    mesh.setShape('sphere');
    expect(await countFrame()).toBeGreaterThan(0);
    expect(budget.isSharp).toBe(false);
    budget.sharpensAtRest = false;
    const edited = await shoot(studio.scene, 'budget-rest-edited');
    mesh.targetFrameTime = 0;
    const expected = await shoot(studio.scene, 'budget-rest-edited-full');
    expect(changed(expected, edited, 24)).toBeLessThan(0.008);
    expect(changed(sharp, edited, 24)).toBeGreaterThan(0.05);
  });

  it('copies the rows of a strip alone, once the first has cleared the texture, and inverts no matrix twice', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    await shootBoth(studio, [mesh], 'budget-strips');
    const device = deviceOf(engine);
    const create = device.createCommandEncoder.bind(device);
    const copied: number[] = [];
    const spy = vi.spyOn(device, 'createCommandEncoder').mockImplementation((descriptor) => {
      const encoder = create(descriptor);
      const copy = encoder.copyBufferToTexture.bind(encoder);
      encoder.copyBufferToTexture = (source, target, size) => {
        copied.push((size as number[])[1]);
        copy(source, target, size);
      };
      return encoder;
    });
    const inversions = vi.spyOn(mesh.getWorldMatrix().constructor.prototype, 'invert');
    const budget = FrameBudget.of(studio.scene);
    budget.sharpensAtRest = true;
    for (let frame = 0; frame < 40 && !budget.isSharp; frame++) drawFrame(studio);
    expect(budget.isSharp).toBe(true);
    expect(copied.length).toBe(18);
    expect(copied[0]).toBe(240);
    expect(copied.slice(1).reduce((sum, rows) => sum + rows, 0)).toBeLessThan(240);
    // Once for each of 18 strips, had they done so themselves.
    expect(inversions.mock.calls.length).toBeLessThan(18);
    spy.mockRestore();
    inversions.mockRestore();
  });

  it('sharpens a shape of fewer rows than strips without what was there before', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32, lodPixels: 0 });
    mesh.scaling.setAll(0.08);
    await shootBoth(studio, [mesh], 'budget-small', 1 / 6);
    const budget = FrameBudget.of(studio.scene);
    budget.sharpensAtRest = true;
    const sharpen = () => {
      // 72 strips, were there as many rows, once the picture is calm.
      for (let frame = 0; frame < 80 && !budget.isSharp; frame++) drawFrame(studio);
      expect(budget.isSharp).toBe(true);
    };
    // A sphere first, and nearer to the camera: whatever is left of it hides what comes after.
    mesh.setShape('sphere');
    mesh.position.set(0, 0, -0.1);
    drawFrame(studio);
    sharpen();
    mesh.setShape('torus');
    mesh.position.set(0, 0, 0);
    drawFrame(studio);
    expect(budget.isSharp).toBe(false);
    sharpen();
    const sharp = await shoot(studio.scene, 'budget-small-sharp');
    mesh.targetFrameTime = 0;
    expect(changed(await shoot(studio.scene, 'budget-small-traced'), sharp, 8)).toBeLessThan(1e-4);
  });

  it('shows what fragments would trace where the full resolution is traced ahead', async () => {
    const studio = openStudio(engine);
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

  it('never shows while frames are fast, and engages where they are slow', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const full = await shoot(studio.scene, 'budget-clock-full');
    const counts = countDevice(engine);
    let frameTime = 5;
    const budget = FrameBudget.of(studio.scene, { measure: () => Promise.resolve(frameTime) }, 0);
    // As on a GPU of hardware.
    budget.tracesAhead = false;
    mesh.targetFrameTime = FRAME;
    const drawFrames = async (frames: number, done = () => false) => {
      for (let frame = 0; frame < frames && !done(); frame++) {
        mesh.position.x = 1e-4 * (frame % 2);
        drawFrame(studio);
        // Of what was drawn, the picture alone is asked for: here time does not pass.
        await studio.scene.whenReadyAsync();
      }
      mesh.position.x = 0;
    };
    await drawFrames(30);
    const fast = await shoot(studio.scene, 'budget-clock-fast');
    expect(budget.scale).toBe(1);
    expect(changed(full, fast, 0)).toBe(0);
    expect(counts).toMatchObject({ renderPipelines: 0, shaderModules: 0, textures: 0 });
    frameTime = 40;
    await drawFrames(30, () => budget.scale < 1);
    expect(SCALES).toContain(budget.scale);
    expect(budget.scale).toBeLessThan(1);
    // While the new shaders are compiled, and when they are there: never a hole.
    for (let frame = 0; frame < 8; frame++) {
      mesh.position.x = 1e-4 * (frame % 2);
      expect(changed(full, await shoot(studio.scene, 'budget-clock-slow'), 60)).toBeLessThan(0.01);
    }
    expect(budget.shows(mesh)).toBe(true);
    frameTime = 1;
    await drawFrames(400, () => budget.scale === 1);
    expect(changed(full, await shoot(studio.scene, 'budget-clock-fast-again'), 0)).toBe(0);
  });

  it('leaves a shape to the picture where tracing in compute does not compile', async () => {
    const studio = openStudio(engine);
    // A decoder of its own, of which nothing is compiled yet.
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32, maxEvaluations: 63 });
    const full = await shoot(studio.scene, 'budget-failed-full');
    const refusal = vi.spyOn(deviceOf(engine), 'createComputePipelineAsync').mockRejectedValue(new Error('no shader today'));
    const errors = vi.spyOn(Logger, 'Error').mockImplementation(() => {});
    const budget = FrameBudget.of(studio.scene);
    budget.forcedScale = 1 / 2;
    mesh.targetFrameTime = FRAME;
    await settle(studio, () => budget.isSharp);
    expect(errors.mock.calls.map(([message]) => String(message))).toEqual([
      expect.stringMatching(/traced in the picture: Error: no shader today/),
    ]);
    expect(budget.shows(mesh)).toBe(false);
    expect(changed(full, await shoot(studio.scene, 'budget-failed'), 0)).toBe(0);
    refusal.mockRestore();
    errors.mockRestore();
  });

  it('leaves shadow maps alone', async () => {
    const studio = openStudio(engine);
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

  it('changes its scale at any time, and leaves nothing behind', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const full = await shoot(studio.scene, 'budget-rescale-full');
    const counts = countDevice(engine);
    const before = { ...counts };
    const budget = FrameBudget.of(studio.scene);
    budget.forcedScale = 1 / 2;
    mesh.targetFrameTime = FRAME;
    await settle(studio, () => budget.shows(mesh) && budget.isSharp);
    budget.sharpensAtRest = false;
    budget.forcedScale = 1 / 3;
    expect(changed(full, await shoot(studio.scene, 'budget-rescale-third'), 24)).toBeLessThan(0.008);
    expect(budget.isSharp).toBe(false);
    mesh.targetFrameTime = 0;
    expect(changed(full, await shoot(studio.scene, 'budget-rescale-without'), 0)).toBe(0);
    expect(counts.textures).toBe(before.textures);
  });

  it('refuses a time that is none', async () => {
    const mesh = await stageShape(openStudio(engine).scene, shapes, 'torus', { resolution: 32 });
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => {
        mesh.targetFrameTime = value;
      }).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
    expect(mesh.targetFrameTime).toBe(0);
  });

  it('comes back after the device was lost', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const [, low] = await shootBoth(studio, [mesh], 'budget-device');
    const budget = FrameBudget.of(studio.scene);
    await loseDevice(engine);
    await settle(studio, () => budget.shows(mesh));
    expect(changed(low, await shoot(studio.scene, 'budget-device-after'), 2)).toBe(0);
  });
});
