import { describe, expect, it } from 'vitest';
import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';
import type { EngineSettings, StepSettings, TrainingBatch, TrainingState } from '../../src/training/engine.js';
import { ReferenceEngine, referenceObjective } from '../../src/training/reference-engine.js';
import { initializeState } from '../../src/training/state.js';
import { stateLayout } from '../../src/training/state-layout.js';
import { createWasmEngine } from '../../src/training/wasm/wasm-engine.js';

const base: DecoderSpec = { ...DEFAULT_DECODER_SPEC, codeLength: 5, dims: [24, 24, 24, 24], latentIn: [2] };
const variants: Record<string, Partial<DecoderSpec>> = {
  skip: {},
  plain: { latentIn: [] },
  'no tanh, no weight norm': { outputTanh: false, weightNorm: false },
  'point in all': { xyzInAll: true },
  'latent in all': { latentIn: [], latentInAll: true },
  'fourier octaves': { dims: [32, 40, 32, 32], fourierOctaves: 2 },
  'fourier octaves, latent in all': { latentIn: [], latentInAll: true, fourierOctaves: 3 },
  'odd widths': { codeLength: 7, dims: [13, 19, 5, 9], latentIn: [], latentInAll: true },
  'odd widths, skip, point in all': { codeLength: 3, dims: [17, 23, 21, 30], latentIn: [3], xyzInAll: true },
  'one layer': { dims: [6], latentIn: [] },
};
const step: StepSettings = { decoderRate: 1e-3, latentRate: 2e-3, regularization: 1e-3 };

function settingsOf(change: Partial<DecoderSpec>, more: Partial<EngineSettings> = {}): EngineSettings {
  return {
    spec: { ...base, ...change },
    shapeCount: 4,
    loss: 'saturated-l1',
    delta: 0.1,
    codeBound: Number.POSITIVE_INFINITY,
    ...more,
  };
}

function batchOf(random: Random, groups: number, samplesPerShape: number, shapeCount = 4): TrainingBatch {
  const count = groups * samplesPerShape;
  return {
    // Shape 3 is never in the batch: its latent code moves by momentum alone.
    shapes: Uint32Array.from({ length: groups }, () => random.index(shapeCount - 1)),
    samplesPerShape,
    points: Float32Array.from({ length: 3 * count }, () => random.range(-1, 1)),
    distances: Float32Array.from({ length: count }, () => random.range(-0.3, 0.3)),
  };
}

const doubles = (tensors: Float32Array[]) => tensors.map((tensor) => Float64Array.from(tensor));

const largestOf = (values: Iterable<number>) => {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
};

function relativeToLargest(a: Float32Array | Float64Array, b: Float32Array | Float64Array, floor = 1e-12): number {
  expect(a).toHaveLength(b.length);
  return largestOf(b.map((value, i) => a[i] - value)) / Math.max(floor, largestOf(b));
}

/** The wasm engine's gradient: Adam's first moment after one step from zero is (1 - beta1) times it. */
async function compareGradients(settings: EngineSettings, batch: TrainingBatch, threads: number): Promise<void> {
  const state = initializeState(settings, 0.3, new Random(11));
  state.parameters.at(-1)!.fill(0, 0, settings.spec.codeLength);
  const engine = await createWasmEngine(settings, { threads });
  await engine.writeState(state);
  const { loss } = await engine.step(batch, step);
  const after = await engine.readState();
  engine.dispose();
  const expected = referenceObjective(settings, doubles(state.parameters), batch, step.regularization);
  expect(Math.abs(loss / expected.loss - 1)).toBeLessThan(1e-5);
  // A bias of few samples may cancel to nothing: then the whole gradient sets the scale.
  const floor = 0.01 * largestOf(expected.gradients.flatMap((gradient) => [...gradient]));
  stateLayout(settings).forEach((tensor, i) => {
    const gradient = Float64Array.from(after.firstMoments[i], (moment) => moment / 0.1);
    expect(relativeToLargest(gradient, expected.gradients[i], floor), tensor.name).toBeLessThan(1e-4);
  });
}

describe.each(Object.entries(variants))('wasm gradients against float64: %s', (_, change) => {
  it.each(['saturated-l1', 'clamped-l1'] as const)('%s', async (loss) => {
    // 150 samples a group: two tiles of 80 and 70, neither whole.
    await compareGradients(settingsOf(change, { loss }), batchOf(new Random(5), 3, 150), 1);
  });
});

describe('wasm engine', () => {
  const settings = settingsOf({});

  it.each([1, 3, 8, 127, 128, 129, 300])('takes groups of %i samples', async (samplesPerShape) => {
    await compareGradients(settings, batchOf(new Random(samplesPerShape), 2, samplesPerShape), 1);
  });

  it.each([2, 3])('computes the same gradients on %i threads', async (threads) => {
    await compareGradients(settings, batchOf(new Random(9), 5, 500), threads);
  });

  it('is held to the float64 reference over five steps, batches changing in size, code bound at work', async () => {
    const bounded = settingsOf({}, { codeBound: 0.5 });
    const state = initializeState(bounded, 0.3, new Random(2));
    const engines = [await createWasmEngine(bounded), new ReferenceEngine(bounded)];
    for (const engine of engines) {
      const random = new Random(4);
      await engine.writeState(state);
      for (const samples of [64, 200, 10, 300, 64]) await engine.step(batchOf(random, 3, samples), step);
    }
    const [actual, expected] = await Promise.all(engines.map((engine) => engine.readState()));
    expect(actual.step).toBe(5);
    stateLayout(bounded).forEach((tensor, i) => {
      expect(relativeToLargest(actual.parameters[i], expected.parameters[i]), tensor.name).toBeLessThan(1e-4);
      expect(relativeToLargest(actual.secondMoments[i], expected.secondMoments[i]), tensor.name).toBeLessThan(1e-3);
    });
    const table = actual.parameters.at(-1)!;
    for (let shape = 0; shape < 4; shape++) {
      expect(Math.hypot(...table.subarray(shape * 5, shape * 5 + 5))).toBeLessThanOrEqual(0.5 * (1 + 1e-6));
    }
  });

  it('moves the latent code of an absent shape by its momentum', async () => {
    const state = initializeState(settings, 0.3, new Random(2));
    state.firstMoments.at(-1)!.fill(0.01);
    state.secondMoments.at(-1)!.fill(1e-4);
    state.step = 3;
    const engine = await createWasmEngine(settings);
    await engine.writeState(state);
    await engine.step(batchOf(new Random(1), 2, 16), step);
    const after = (await engine.readState()).parameters.at(-1)!;
    const moved = (2e-3 * (0.009 / (1 - 0.9 ** 4)) * Math.sqrt(1 - 0.999 ** 4)) / Math.sqrt(0.999e-4);
    expect(state.parameters.at(-1)![15] - after[15]).toBeCloseTo(moved, 6);
  });

  it('is bit-equal from run to run, from thread count to thread count, and after a restart from its state', async () => {
    const run = async (threads: number, restart: boolean): Promise<TrainingState> => {
      const random = new Random(8);
      let engine = await createWasmEngine(settings, { threads });
      await engine.writeState(initializeState(settings, 0.1, new Random(3)));
      for (let i = 0; i < 6; i++) {
        // 25 tiles in 6 slices.
        await engine.step(batchOf(random, 5, 600), step);
        if (!restart || i !== 2) continue;
        const state = await engine.readState();
        engine.dispose();
        engine = await createWasmEngine(settings, { threads });
        await engine.writeState(state);
      }
      const state = await engine.readState();
      engine.dispose();
      return state;
    };
    const first = await run(1, false);
    expect(await run(1, true)).toEqual(first);
    expect(await run(2, false)).toEqual(first);
    expect(await run(3, true)).toEqual(first);
  });

  it('returns the state that was written, bit by bit', async () => {
    const state = initializeState(settings, 0.3, new Random(6));
    const random = new Random(7);
    for (const moment of [...state.firstMoments, ...state.secondMoments])
      moment.forEach((_, i) => {
        moment[i] = random.uniform();
      });
    state.step = 77;
    const engine = await createWasmEngine(settings);
    await engine.writeState(state);
    expect(await engine.readState()).toEqual(state);
  });

  it('leaves no denormal in the moments when gradients die away, since one slows every step', async () => {
    const state = initializeState(settings, 0.3, new Random(6));
    for (const moment of state.firstMoments) moment.fill(1e-29);
    for (const moment of state.secondMoments) moment.fill(1e-35);
    // Everything outside: no prediction above delta has a gradient, so that moments only decay.
    state.parameters.at(-2)!.fill(3);
    const batch = batchOf(new Random(1), 2, 64);
    batch.distances.fill(1);
    const engine = await createWasmEngine(settings);
    await engine.writeState(state);
    for (let i = 0; i < 400; i++) await engine.step(batch, { ...step, regularization: 0 });
    const after = await engine.readState();
    for (const tensor of [...after.firstMoments, ...after.secondMoments]) {
      expect(tensor.every((value) => value === 0 || Math.abs(value) > 1.2e-38)).toBe(true);
    }
  });

  it('refuses what does not fit', async () => {
    const engine = await createWasmEngine(settings);
    const state = initializeState(settings, 0.3, new Random(6));
    state.parameters.pop();
    await expect(engine.writeState(state)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    const batch = batchOf(new Random(1), 2, 8);
    await expect(engine.step({ ...batch, samplesPerShape: 9 }, step)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    await expect(engine.step({ ...batch, shapes: Uint32Array.of(0, 4) }, step)).rejects.toMatchObject({ code: 'SHAPE_NOT_FOUND' });
    await expect(createWasmEngine(settings, { threads: 0 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
