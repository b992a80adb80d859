import { describe, expect, it } from 'vitest';
import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';
import { clipFactor } from '../../src/training/clip-gradients.js';
import type { EngineSettings, StepSettings, TrainingBatch, TrainingState } from '../../src/training/engine.js';
import { ReferenceEngine, referenceObjective } from '../../src/training/reference-engine.js';
import { initializeState } from '../../src/training/state.js';
import { stateLayout } from '../../src/training/state-layout.js';
import { createWasmEngine, type WasmEngineOptions } from '../../src/training/wasm/wasm-engine.js';
import { WorkerPool } from '../../src/training/wasm/worker-pool.js';
import { createMemory, loadKernels } from '../../src/wasm/module.js';
import { type EngineCase, engineCase, LAYER_TYPES, relativeToLargest, sphereBatch } from '../support/layer-types.js';

const base: DecoderSpec = { ...DEFAULT_DECODER_SPEC, codeLength: 5, dims: [24, 24, 24, 24], latentIn: [2] };
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

/** The wasm engine's gradient: Adam's first moment after one step from zero is (1 - beta1) times it. */
async function compareGradients(
  { settings, state, batch, step }: EngineCase,
  variants: readonly WasmEngineOptions[] = [{}],
): Promise<void> {
  const expected = referenceObjective(settings, doubles(state.parameters), batch, step);
  // A bias of few samples may cancel to nothing: then the whole gradient sets the scale.
  const floor = 0.01 * largestOf(expected.gradients.flatMap((gradient) => [...gradient]));
  expect(floor).toBeGreaterThan(0);
  for (const options of variants) {
    const engine = await createWasmEngine(settings, options);
    await engine.writeState(state);
    const { loss } = await engine.step(batch, step);
    const after = await engine.readState();
    engine.dispose();
    expect(Math.abs(loss / expected.loss - 1)).toBeLessThan(1e-5);
    stateLayout(settings).forEach((tensor, i) => {
      const gradient = Float64Array.from(after.firstMoments[i], (moment) => moment / 0.1);
      expect(relativeToLargest(gradient, expected.gradients[i], floor), tensor.name).toBeLessThan(1e-4);
    });
  }
}

/** A batch of random distances, and a code of zeros, whose prior has no gradient. */
function randomCase(change: Partial<DecoderSpec>, groups: number, samplesPerShape: number): EngineCase {
  const settings = settingsOf(change);
  const state = initializeState(settings, 0.3, new Random(11));
  state.parameters.at(-1)!.fill(0, 0, settings.spec.codeLength);
  return { settings, state, batch: batchOf(new Random(samplesPerShape), groups, samplesPerShape), step };
}

describe.each(Object.keys(LAYER_TYPES))('wasm gradients against float64: %s', (name) => {
  it.each(['saturated-l1', 'clamped-l1'] as const)('%s', async (loss) => {
    // Two tiles a group, the second of which begins where dropout must not count from 0 again.
    await compareGradients(engineCase(name, { loss }, 136), [{ threads: 1 }, { threads: 2 }, { threads: 2, variant: 'plain' }]);
  });
});

describe('wasm engine', () => {
  const settings = settingsOf({});

  it.each<[string, Partial<DecoderSpec>]>([
    ['odd widths', { codeLength: 7, dims: [13, 19, 5, 9], latentIn: [], latentInAll: true }],
    ['odd widths, skip, point in all', { codeLength: 3, dims: [17, 23, 21, 30], latentIn: [3], xyzInAll: true }],
    ['odd widths, layer norm, softplus', { dims: [13, 19, 5, 9], latentIn: [], weightNorm: false, activation: 'softplus' }],
    ['rows of several jobs, a code of several chunks', { codeLength: 131, dims: [70, 201, 37], latentIn: [2] }],
  ])('computes gradients of %s', async (_, change) => {
    await compareGradients(randomCase(change, 3, 150), [{ threads: 2 }]);
  });

  it.each([1, 3, 8, 127, 128, 129, 300, 600])('takes groups of %i samples', async (samplesPerShape) => {
    await compareGradients(randomCase({}, 2, samplesPerShape));
  });

  it('computes the same gradients on three threads', async () => {
    await compareGradients(randomCase({}, 5, 500), [{ threads: 3 }]);
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

  it.each([
    ['gradients that are clipped', 'skip', { gradientClip: 0.05 }],
    ['gradients that need no clipping', 'skip', { gradientClip: 1e3 }],
    ['everything at once', 'eikonal, tanh, dropout', { gradientClip: 0.05 }],
    ['layer norm and dropout', 'dropout, layer norm, sine', {}],
    ['latent dropout', 'dropout of some, of the latent', {}],
  ])('is held to the float64 reference over five steps of %s', async (_, name, change) => {
    const { settings, state } = engineCase(name, change);
    const engines = [await createWasmEngine(settings, { threads: 2 }), new ReferenceEngine(settings)];
    for (const engine of engines) {
      const random = new Random(4);
      await engine.writeState(state);
      for (let seed = 1; seed <= 5; seed++) {
        const batch = sphereBatch(random, 40, LAYER_TYPES[name].stencilsPerShape, settings.eikonal?.step);
        await engine.step(batch, { ...step, dropoutSeed: seed });
      }
    }
    const [actual, expected] = await Promise.all(engines.map((engine) => engine.readState()));
    engines[0].dispose();
    stateLayout(settings).forEach((tensor, i) => {
      expect(relativeToLargest(actual.parameters[i], expected.parameters[i]), tensor.name).toBeLessThan(1e-4);
      expect(relativeToLargest(actual.firstMoments[i], expected.firstMoments[i], 1e-6), tensor.name).toBeLessThan(1e-3);
    });
  });

  it('clips a gradient of several chunks by its length', async () => {
    const { settings, state, batch } = randomCase({ codeLength: 131, dims: [70, 201, 37] }, 2, 64);
    const gradients = await Promise.all(
      [undefined, 1e-3].map(async (gradientClip) => {
        const engine = await createWasmEngine({ ...settings, gradientClip });
        await engine.writeState(state);
        await engine.step(batch, step);
        return (await engine.readState()).firstMoments.map((moments) => moments.map((moment) => moment / 0.1));
      }),
    );
    const [plain, clipped] = gradients;
    const length = Math.hypot(...plain.slice(0, -1).map((gradient) => Math.hypot(...gradient)));
    const factor = clipFactor(length, 1e-3);
    expect(factor).toBeLessThan(0.1);
    plain.forEach((gradient, i) => {
      const scale = i < plain.length - 1 ? factor : 1;
      expect(
        relativeToLargest(
          clipped[i],
          gradient.map((value) => value * scale),
        ),
      ).toBeLessThan(1e-5);
    });
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

  it.each<[string, Partial<DecoderSpec>, Partial<EngineSettings>, number]>([
    ['the plain decoder', {}, {}, 0],
    [
      'everything at once',
      { weightNorm: false, activation: 'sine', activationScale: 3 },
      {
        gradientClip: 0.05,
        codeBound: 0.2,
        dropout: { layers: [0, 2], probability: 0.2, latentProbability: 0.2 },
        eikonal: { weight: 0.1, step: 0.05 },
      },
      25,
    ],
  ])('is bit-equal from run to run, on any number of threads, and after a restart: %s', async (_, change, more, stencilsPerShape) => {
    const settings = settingsOf(change, more);
    const run = async (threads: number, restart: boolean): Promise<TrainingState> => {
      const random = new Random(8);
      let engine = await createWasmEngine(settings, { threads });
      await engine.writeState(initializeState(settings, 0.1, new Random(3)));
      for (let i = 0; i < 6; i++) {
        // 25 tiles in 12 slices.
        await engine.step({ ...batchOf(random, 5, 600), stencilsPerShape }, { ...step, dropoutSeed: i });
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
    await expect(engine.step({ ...batch, stencilsPerShape: 2 }, step)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    const thirteen = { ...batchOf(new Random(1), 2, 13), stencilsPerShape: 1 };
    await expect(engine.step(thirteen, step)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    const dropping = await createWasmEngine({ ...settings, dropout: { layers: [0], probability: 0.5, latentProbability: 0 } });
    await expect(dropping.step(batch, step)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(createWasmEngine(settings, { threads: 0 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('WorkerPool', () => {
  it("passes a thread's failure on, and leaves word of it for threads that wait", async () => {
    const { module, pairs } = await loadKernels({ shared: true });
    const memory = createMemory(65536, 0, true);
    const pool = await WorkerPool.create(1, { module, pairs, memory, plan: 2 ** 31, failed: 64 });
    await expect(pool.run()).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
    expect(new Int32Array(memory.buffer)[16]).toBe(1);
    pool.dispose();
  });
});
