import { Logger } from '@babylonjs/core/Misc/logger.js';
import { describe, expect, it, vi } from 'vitest';
import { SCALES } from '../../plugin/budget/budget-controller.js';
import { FrameBudget } from '../../plugin/budget/frame-budget.js';
import { deviceOf } from '../../plugin/device.js';
import { countDevice } from '../support/device-counters.js';
import { budgetEngine, drawFrame, FRAME, settle, shootBoth } from '../support/frame-budgets.js';
import { changed, shoot } from '../support/pictures.js';
import { openStudio, stageShape } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

/** When shapes are traced into a texture, and how much of it. */
describe('a frame budget', () => {
  const shapes = tinyShapes();
  const suite = budgetEngine(shapes);

  it('is sharp once nothing moves, pixel for pixel, and coarse again as soon as something does', async () => {
    const studio = openStudio(suite.engine);
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
    const studio = openStudio(suite.engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    await shootBoth(studio, [mesh], 'budget-strips');
    const device = deviceOf(suite.engine);
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
    const studio = openStudio(suite.engine);
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

  it('never shows while frames are fast, and engages where they are slow', async () => {
    const studio = openStudio(suite.engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const full = await shoot(studio.scene, 'budget-clock-full');
    const counts = countDevice(suite.engine);
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
    const studio = openStudio(suite.engine);
    // A decoder of its own, of which nothing is compiled yet.
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32, maxEvaluations: 63 });
    const full = await shoot(studio.scene, 'budget-failed-full');
    const refusal = vi.spyOn(deviceOf(suite.engine), 'createComputePipelineAsync').mockRejectedValue(new Error('no shader today'));
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

  it('changes its scale at any time, and leaves nothing behind', async () => {
    const studio = openStudio(suite.engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const full = await shoot(studio.scene, 'budget-rescale-full');
    const counts = countDevice(suite.engine);
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
    const mesh = await stageShape(openStudio(suite.engine).scene, shapes, 'torus', { resolution: 32 });
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => {
        mesh.targetFrameTime = value;
      }).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
    expect(mesh.targetFrameTime).toBe(0);
  });
});
