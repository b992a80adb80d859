import { describe, expect, it } from 'vitest';
import { DEFAULT_DECODER_SPEC } from '../../src/decoder/spec.js';
import { installWebGpu, openDevice } from '../../src/gpu/device-node.js';
import { Random } from '../../src/random.js';
import type { TrainingEngine, TrainingState } from '../../src/training/engine.js';
import { ReferenceEngine, referenceObjective } from '../../src/training/reference-engine.js';
import { initializeState } from '../../src/training/state.js';
import { stateLayout } from '../../src/training/state-layout.js';
import { createWasmEngine } from '../../src/training/wasm/wasm-engine.js';
import { createWebGpuEngine, type WebGpuEngineOptions } from '../../src/training/webgpu/webgpu-engine.js';
import { type EngineCase, engineCase, LAYER_TYPES, relativeToLargest, sphereBatch } from '../support/layer-types.js';

/** One device for all: engines on it share their pipelines, and lavapipe takes seconds to compile one. */
const { device } = await openDevice();
const onSoftware: WebGpuEngineOptions = { device, allowSoftware: true };

const doubles = (tensors: Float32Array[]) => tensors.map((tensor) => Float64Array.from(tensor));

const largestOf = (values: Iterable<number>) => {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
};

/** The engine's gradient: Adam's first moment after one step from zero is (1 - beta1) times it. */
async function compareGradients({ settings, state, batch, step }: EngineCase, engine: TrainingEngine, tolerance = 1e-4): Promise<void> {
  const expected = referenceObjective(settings, doubles(state.parameters), batch, step);
  // A bias of few samples may cancel to nothing: then the whole gradient sets the scale.
  const floor = 0.01 * largestOf(expected.gradients.flatMap((gradient) => [...gradient]));
  expect(floor).toBeGreaterThan(0);
  await engine.writeState(state);
  const { loss } = await engine.step(batch, step);
  const after = await engine.readState();
  engine.dispose();
  expect(Math.abs(loss / expected.loss - 1)).toBeLessThan(tolerance / 10);
  stateLayout(settings).forEach((tensor, i) => {
    const gradient = Float64Array.from(after.firstMoments[i], (moment) => moment / 0.1);
    expect(relativeToLargest(gradient, expected.gradients[i], floor), tensor.name).toBeLessThan(tolerance);
  });
}

describe('WGSL gradients against float64', () => {
  it.each(Object.keys(LAYER_TYPES))('%s', async (name) => {
    for (const loss of ['saturated-l1', 'clamped-l1'] as const) {
      const one = engineCase(name, { loss });
      await compareGradients(one, await createWebGpuEngine(one.settings, onSoftware));
    }
  });

  it.each([4, 32, 100])('%i rows a group, in chunks that end within groups', async (samples) => {
    const one = engineCase('eikonal, tanh, dropout', {}, samples);
    await compareGradients(one, await createWebGpuEngine(one.settings, { ...onSoftware, chunkRows: 64 }));
  });

  it('float16 operands', async () => {
    const one = engineCase('octaves, skip');
    await compareGradients(
      one,
      await createWebGpuEngine(one.settings, { gpu: await installWebGpu(), allowSoftware: true, precision: 'float16' }),
      5e-3,
    );
  });
});

describe('WebGPU engine', () => {
  const one = engineCase('skip');
  const { settings, state, step } = one;
  const run = async (engine: TrainingEngine, steps: number, random: Random): Promise<TrainingState> => {
    for (let i = 0; i < steps; i++) await engine.step(sphereBatch(random), step);
    return engine.readState();
  };

  it('is held to the float64 reference over 20 steps: batches that change in size, gradients clipped, codes bounded', async () => {
    const clipped = { ...settings, gradientClip: 0.05, codeBound: 0.7 };
    const engines = [await createWebGpuEngine(clipped, { ...onSoftware, chunkRows: 96 }), new ReferenceEngine(clipped)];
    for (const engine of engines) {
      const random = new Random(4);
      await engine.writeState(state);
      for (let i = 0; i < 20; i++) await engine.step(sphereBatch(random, [40, 12, 72][Math.floor(i / 7)]), step);
    }
    const [actual, expected] = await Promise.all(engines.map((engine) => engine.readState()));
    engines[0].dispose();
    expect(actual.step).toBe(20);
    stateLayout(clipped).forEach((tensor, i) => {
      expect(relativeToLargest(actual.parameters[i], expected.parameters[i]), tensor.name).toBeLessThan(1e-4);
      expect(relativeToLargest(actual.firstMoments[i], expected.firstMoments[i]), tensor.name).toBeLessThan(1e-3);
      expect(relativeToLargest(actual.secondMoments[i], expected.secondMoments[i]), tensor.name).toBeLessThan(1e-3);
    });
    const codes = actual.parameters.at(-1)!;
    const lengths = Array.from({ length: 5 }, (_, shape) => Math.hypot(...codes.subarray(5 * shape, 5 * shape + 5)));
    expect(Math.max(...lengths)).toBeCloseTo(0.7, 5);
  });

  // ReLU parts any two runs sooner or later, a kink at a time, and the faster, the higher the rate.
  it.each([
    { activation: 'relu', activationScale: 1, rate: 1e-3 },
    { activation: 'softplus', activationScale: 20, rate: 3e-3 },
  ] as const)("ends 200 steps within a hundredth of the wasm kernels' loss: $activation", async ({ rate, ...activation }) => {
    const spec = { ...DEFAULT_DECODER_SPEC, codeLength: 4, dims: [32, 32, 32], latentIn: [2], outputTanh: false, ...activation };
    const small = { ...settings, spec };
    const start = initializeState(small, 0.1, new Random(3));
    const held = sphereBatch(new Random(77), 200);
    const lossOf = (parameters: Float32Array[]) => referenceObjective(small, doubles(parameters), held, step).loss;
    const losses: number[] = [];
    for (const engine of [await createWebGpuEngine(small, onSoftware), await createWasmEngine(small)]) {
      const random = new Random(8);
      await engine.writeState(start);
      for (let i = 0; i < 200; i++) {
        const rates = rate * 0.5 * (1 + Math.cos((Math.PI * i) / 200));
        await engine.step(sphereBatch(random), { decoderRate: rates, latentRate: rates, regularization: 1e-4 });
      }
      losses.push(lossOf((await engine.readState()).parameters));
      engine.dispose();
    }
    expect(Math.abs(losses[0] / losses[1] - 1)).toBeLessThan(0.01);
    expect(losses[0]).toBeLessThan(0.4 * lossOf(start.parameters));
  });

  it('returns the state that was written, bit by bit, and goes on from it as if never stopped', async () => {
    const engine = await createWebGpuEngine(settings, onSoftware);
    const odd = structuredClone(state);
    const random = new Random(7);
    for (const moment of [...odd.firstMoments, ...odd.secondMoments]) moment.set(moment.map(() => random.uniform()));
    odd.step = 77;
    await engine.writeState(odd);
    expect(await engine.readState()).toEqual(odd);
    await engine.writeState(state);
    const whole = await run(engine, 6, new Random(1));
    const again = new Random(1);
    await engine.writeState(state);
    const half = await run(engine, 3, again);
    engine.dispose();
    const other = await createWebGpuEngine(settings, onSoftware);
    await other.writeState(half);
    expect(await run(other, 3, again)).toEqual(whole);
    other.dispose();
  });

  it('reports the first loss at once, then means over 20 steps, late', async () => {
    const engines = [await createWebGpuEngine(settings, onSoftware), new ReferenceEngine(settings)];
    const [actual, expected]: number[][] = [[], []];
    for (const [i, engine] of engines.entries()) {
      const random = new Random(5);
      await engine.writeState(state);
      for (let at = 0; at < 30; at++) [actual, expected][i].push((await engine.step(sphereBatch(random, 8), step)).loss);
    }
    engines[0].dispose();
    expect(actual[0]).toBeCloseTo(expected[0], 6);
    expect(actual.slice(0, 19).every((loss) => loss === actual[0])).toBe(true);
    expect(actual[29]).toBeCloseTo(expected.slice(0, 20).reduce((sum, loss) => sum + loss) / 20, 5);
  });

  it('reports NaN once weights are not finite', async () => {
    const engine = await createWebGpuEngine(settings, onSoftware);
    const broken = structuredClone(state);
    // The output's bias: a ReLU may turn a NaN before it into 0.
    broken.parameters.at(-2)![0] = Number.NaN;
    await engine.writeState(broken);
    expect((await engine.step(one.batch, step)).loss).toBeNaN();
    // And is none the worse for it.
    await engine.writeState(state);
    expect((await engine.step(one.batch, step)).loss).toBeGreaterThan(0);
    engine.dispose();
  });

  it('leaves no denormal in the moments when gradients die away', async () => {
    const dying = structuredClone(state);
    for (const moment of dying.firstMoments) moment.fill(1e-29);
    for (const moment of dying.secondMoments) moment.fill(1e-35);
    // Everything outside: no prediction above delta has a gradient, so that moments only decay.
    dying.parameters.at(-2)!.fill(3);
    const batch = sphereBatch(new Random(1), 8);
    batch.distances.fill(1);
    const engine = await createWebGpuEngine(settings, onSoftware);
    await engine.writeState(dying);
    for (let i = 0; i < 100; i++) await engine.step(batch, { ...step, regularization: 0 });
    const after = await engine.readState();
    engine.dispose();
    for (const tensor of after.firstMoments) expect(tensor.every((value) => value === 0)).toBe(true);
    for (const tensor of after.secondMoments) expect(tensor.every((value) => value === 0 || value > 1.2e-38)).toBe(true);
  });

  it('refuses what does not fit, and goes on', async () => {
    await expect(createWebGpuEngine(settings, { device })).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
    await expect(createWebGpuEngine(settings, { ...onSoftware, precision: 'float16' })).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
    });
    await expect(createWebGpuEngine({ ...settings, spec: { ...settings.spec, dims: [] } }, onSoftware)).rejects.toMatchObject({
      code: 'INVALID_SPEC',
    });
    const engine = await createWebGpuEngine({ ...settings, dropout: { layers: [0], probability: 0.5, latentProbability: 0 } }, onSoftware);
    await expect(engine.writeState({ ...state, parameters: state.parameters.slice(1) })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    await engine.writeState(state);
    const batch = sphereBatch(new Random(1), 8);
    await expect(engine.step({ ...batch, samplesPerShape: 9 }, step)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    await expect(engine.step({ ...batch, shapes: Uint32Array.of(0, 1, 2, 5) }, step)).rejects.toMatchObject({ code: 'SHAPE_NOT_FOUND' });
    await expect(engine.step({ ...batch, stencilsPerShape: 2 }, step)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(engine.step(batch, { ...step, dropoutSeed: undefined })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await engine.readState()).toEqual(state);
    engine.dispose();
  });

  it('tells when the device is lost', async () => {
    const lost = await openDevice();
    const engine = await createWebGpuEngine(settings, { device: lost.device, allowSoftware: true });
    await engine.writeState(state);
    await engine.step(one.batch, step);
    lost.device.destroy();
    await expect(engine.step(one.batch, step)).rejects.toMatchObject({ code: 'DEVICE_LOST' });
    await expect(engine.readState()).rejects.toMatchObject({ code: 'DEVICE_LOST' });
    engine.dispose();
  });
});
