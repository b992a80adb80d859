import { beforeAll, describe, expect, it } from 'vitest';
import { ThreadedWasmBatches, WasmBatches } from '../../plugin/shape/wasm-batches.js';
import { referenceDistance } from '../../src/decoder/reference.js';
import type { BrickTools } from '../../src/gpu/bricks/brick-field.js';
import { openDevice } from '../../src/gpu/device-node.js';
import { Random } from '../../src/random.js';
import { openBrickField, openBrickKernels } from '../support/brick-fields.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const GRID = 32;

describe('bricks filled by matrix kernels', () => {
  const shapes = tinyShapes();
  const { decoder, halfExtent } = shapes;
  let device: GPUDevice;
  let kernels: Omit<BrickTools, 'pace'>;
  beforeAll(async () => {
    ({ device } = await openDevice());
    kernels = await openBrickKernels(device, shapes);
  });
  const openField = (resolution: number, pointsPerSecond?: number) => openBrickField(kernels, shapes, resolution, pointsPerSecond);

  it('hold the decoder near its surface, with an error that is the one measured here', async () => {
    const { field, seen, complete, table } = openField(64);
    const { latent } = shapes.shapes[0];
    field.start(latent);
    await complete();
    expect([...new Set(seen.map(({ resolution }) => resolution))]).toEqual([0, 16, 32, 64]);
    const random = new Random(5);
    const points: number[] = [];
    while (points.length < 4 * 2000) {
      const point = [0, 1, 2].map(() => random.range(-halfExtent, halfExtent));
      if (Math.abs(referenceDistance(decoder, latent, point)) < 0.03) points.push(...point, 0);
    }
    const shown = await kernels.probe.sample(table(), Float32Array.from(points));
    const errors = Array.from({ length: points.length / 4 }, (_, i) =>
      Math.abs(shown[2 * i] - referenceDistance(decoder, latent, points.slice(4 * i, 4 * i + 3))),
    );
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const { error } = field.status;
    expect(error!.points).toBe(512);
    expect(error!.mean / mean).toBeGreaterThan(0.8);
    expect(error!.mean / mean).toBeLessThan(1.25);
    // Half as wide cells would give half of it at a kink of a ReLU, a quarter elsewhere.
    expect(mean).toBeLessThan(1e-3);
    field.dispose();
  });

  it('has the sign of the decoder everywhere, in bricks and outside of them', async () => {
    const { field, complete, table } = openField(128, 1e9);
    const { latent } = shapes.shapes[2];
    field.start(latent);
    await complete();
    const random = new Random(6);
    const points = Float32Array.from({ length: 4 * 4000 }, () => random.range(-halfExtent, halfExtent));
    const shown = await kernels.probe.sample(table(), points);
    let wrong = 0;
    for (let i = 0; i < points.length / 4; i++) {
      const truth = referenceDistance(decoder, latent, points.subarray(4 * i, 4 * i + 3));
      if (Math.abs(truth) > 2e-3 && Math.sign(truth) !== Math.sign(shown[2 * i])) wrong++;
    }
    expect(wrong).toBe(0);
    field.dispose();
  });

  it('shows the coarse form at once where a device is fast, and goes on with the last of many edits', async () => {
    const { field, seen, complete } = openField(64, 1e9);
    field.start(shapes.shapes[0].latent);
    // Queued before `start` has returned: whatever frame is submitted next shows it.
    await Promise.resolve();
    expect(field.status).toMatchObject({ resolution: GRID, isComplete: false });
    for (const { latent } of shapes.shapes) field.start(latent);
    await complete();
    expect(field.status.resolution).toBe(64);
    const completed = seen.filter(({ isComplete }) => isComplete);
    expect(completed).toHaveLength(1);
    field.dispose();
  });

  it.each([
    ['on threads', ThreadedWasmBatches],
    ['on the calling thread', WasmBatches],
  ] as const)('are the same filled by wasm %s, whatever edits come meanwhile', async (_, batches) => {
    const { latent } = shapes.shapes[2];
    const byKernels = openField(64);
    byKernels.field.start(latent);
    await byKernels.complete();
    const wasm = await openBrickKernels(device, shapes, batches.create(device, decoder));
    const byWasm = openBrickField(wasm, shapes, 64);
    device.pushErrorScope('validation');
    byWasm.field.start(shapes.shapes[0].latent);
    for (const resolution of [16, 32]) {
      await byWasm.until((status) => status.resolution >= resolution);
      byWasm.field.start(shapes.shapes[1].latent);
    }
    byWasm.field.start(latent);
    await byWasm.complete();
    expect(await device.popErrorScope()).toBeNull();
    const random = new Random(7);
    const points = Float32Array.from({ length: 4 * 4000 }, () => random.range(-halfExtent, halfExtent));
    const [expected, actual] = [await kernels.probe.sample(byKernels.table(), points), await wasm.probe.sample(byWasm.table(), points)];
    // Further off, nodes may be samples or interpolated, as the pace had it.
    const differences = Array.from({ length: points.length / 4 }, (_, i) => [expected[2 * i], actual[2 * i]])
      .filter(([distance]) => Math.abs(distance) < 0.03)
      .map(([one, other]) => Math.abs(one - other));
    expect(differences.length).toBeGreaterThan(50);
    expect(Math.max(...differences)).toBeLessThan(1e-5);
    byKernels.field.dispose();
    byWasm.field.dispose();
    wasm.evaluator.dispose();
  });

  it('stays quiet when it is disposed of in the middle', async () => {
    const { field, seen } = openField(128);
    device.pushErrorScope('validation');
    field.start(shapes.shapes[0].latent);
    field.dispose();
    await device.queue.onSubmittedWorkDone();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await device.popErrorScope()).toBeNull();
    expect(seen.at(-1)?.resolution).toBe(0);
  });
});
