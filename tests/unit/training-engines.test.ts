import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';
import type { EngineSettings, StepSettings, TrainingBatch, TrainingEngine, TrainingState } from '../../src/training/engine.js';
import { ReferenceEngine, referenceObjective } from '../../src/training/reference-engine.js';
import { initializeState } from '../../src/training/state.js';
import { createTfjsEngine } from '../../src/training/tfjs/tfjs-engine.js';
import { nodeTfjsPlatform } from '../../src/training/tfjs/tfjs-platform-node.js';

const base: DecoderSpec = { ...DEFAULT_DECODER_SPEC, codeLength: 4, dims: [20, 20, 20], latentIn: [2], outputTanh: false };
const variants: Record<string, DecoderSpec> = {
  skip: base,
  'latent in all': { ...base, latentIn: [], latentInAll: true },
  'octaves, latent in all': { ...base, latentIn: [], latentInAll: true, fourierOctaves: 2 },
  'octaves, skip': { ...base, dims: [32, 32, 32], fourierOctaves: 1 },
  'point in all': { ...base, xyzInAll: true },
  tanh: { ...base, outputTanh: true },
  'no weight norm': { ...base, weightNorm: false },
  'one layer': { ...base, dims: [24], latentIn: [] },
};
const rates: StepSettings = { decoderRate: 3e-3, latentRate: 3e-3, regularization: 0.05 };

function settingsOf(spec: DecoderSpec, change: Partial<EngineSettings> = {}): EngineSettings {
  return { spec, shapeCount: 5, loss: 'saturated-l1', delta: 0.1, codeBound: 1, ...change };
}

/** Spheres of different radii: targets on both sides of delta. Shape 3 comes twice, shape 4 never. */
function sphereBatch(random: Random, samplesPerShape = 40): TrainingBatch {
  const shapes = Uint32Array.of(3, 0, 3, 1);
  const count = shapes.length * samplesPerShape;
  const points = Float32Array.from({ length: 3 * count }, () => random.range(-0.8, 0.8));
  const distances = Float32Array.from({ length: count }, (_, i) => {
    const radius = 0.4 + 0.1 * shapes[Math.floor(i / samplesPerShape)];
    return Math.hypot(points[3 * i], points[3 * i + 1], points[3 * i + 2]) - radius;
  });
  return { shapes, samplesPerShape, points, distances };
}

function relativeToLargest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let error = 0;
  let largest = 1e-12;
  for (let i = 0; i < b.length; i++) {
    error = Math.max(error, Math.abs(a[i] - b[i]));
    largest = Math.max(largest, Math.abs(b[i]));
  }
  return error / largest;
}

/** Codes long enough that the bound bites for some shapes. */
function startState(settings: EngineSettings): TrainingState {
  return initializeState(settings, 0.6, new Random(11));
}

describe.each(Object.entries(variants))('reference objective: %s', (_, spec) => {
  it.each(['saturated-l1', 'clamped-l1'] as const)('gradients with %s agree with central differences to 1e-5', (loss) => {
    const settings = settingsOf(spec, { loss, delta: 0.3 });
    const random = new Random(3);
    const parameters = startState(settings).parameters.map((tensor) => Float64Array.from(tensor));
    const batch = sphereBatch(random, 8);
    const value = () => {
      const { loss, prior } = referenceObjective(settings, parameters, batch, rates.regularization);
      return loss + prior;
    };
    const { gradients } = referenceObjective(settings, parameters, batch, rates.regularization);
    const h = 1e-6;
    parameters.forEach((tensor, index) => {
      const picked = Array.from({ length: Math.min(10, tensor.length) }, () => random.index(tensor.length));
      const numeric = picked.map((at) => {
        const before = tensor[at];
        tensor[at] = before + h;
        const up = value();
        tensor[at] = before - h;
        const down = value();
        tensor[at] = before;
        return (up - down) / (2 * h);
      });
      const largest = Math.max(...gradients[index].map(Math.abs), 1e-9);
      picked.forEach((at, i) => {
        expect(Math.abs(gradients[index][at] - numeric[i]) / largest).toBeLessThan(1e-5);
      });
    });
  });
});

describe.each(['cpu', 'wasm'] as const)('tfjs on %s', (backend) => {
  const engines: TrainingEngine[] = [];
  const open = async (settings: EngineSettings) => {
    const engine = await createTfjsEngine(settings, { backend, platform: nodeTfjsPlatform() });
    engines.push(engine);
    return engine;
  };
  afterAll(() => {
    for (const engine of engines) engine.dispose();
  });

  it.each(Object.entries(variants))('%s: gradients agree with the reference to 1e-4 of the largest', async (_, spec) => {
    for (const loss of ['saturated-l1', 'clamped-l1'] as const) {
      const settings = settingsOf(spec, { loss });
      const engine = await open(settings);
      const start = startState(settings);
      const batch = sphereBatch(new Random(5));
      const expected = referenceObjective(
        settings,
        start.parameters.map((tensor) => Float64Array.from(tensor)),
        batch,
        rates.regularization,
      );
      await engine.writeState(start);
      const { loss: value } = await engine.step(batch, rates);
      expect(value).toBeCloseTo(expected.loss, 6);
      // After the first step Adam's first moments are 0.1 times the gradients.
      const { firstMoments } = await engine.readState();
      expected.gradients.forEach((gradient, i) => {
        expect(
          relativeToLargest(
            firstMoments[i].map((m) => 10 * m),
            gradient,
          ),
        ).toBeLessThan(1e-4);
      });
    }
  });

  it.each(Object.entries(variants))('%s: three steps agree with the reference', async (_, spec) => {
    const settings = settingsOf(spec);
    const engine = await open(settings);
    const reference = new ReferenceEngine(settings);
    await engine.writeState(startState(settings));
    await reference.writeState(startState(settings));
    const random = new Random(6);
    for (let i = 0; i < 3; i++) {
      const batch = sphereBatch(random);
      await engine.step(batch, rates);
      await reference.step(batch, rates);
    }
    const [actual, expected] = [await engine.readState(), await reference.readState()];
    expect(actual.step).toBe(3);
    for (const part of ['parameters', 'secondMoments'] as const) {
      actual[part].forEach((tensor, i) => {
        // Looser than the gradients: Adam's first steps are rate * sign(gradient), whatever the size of a gradient that cancels out.
        expect(relativeToLargest(tensor, expected[part][i])).toBeLessThan(2e-3);
      });
    }
  });
});

it('tfjs engines on two backends may take turns, though tfjs has one active backend a process', async () => {
  const settings = settingsOf(base);
  const platform = nodeTfjsPlatform();
  const engines = await Promise.all((['cpu', 'wasm'] as const).map((backend) => createTfjsEngine(settings, { backend, platform })));
  for (const engine of engines) await engine.writeState(startState(settings));
  const batch = sphereBatch(new Random(5));
  for (let i = 0; i < 3; i++) {
    const [a, b] = await Promise.all(engines.map((engine) => engine.step(batch, rates)));
    expect(a.loss).toBeCloseTo(b.loss, 5);
  }
  for (const engine of engines) engine.dispose();
  await expect(engines[0].step(batch, rates)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

it('a state of other lengths is refused by the name of its tensor', async () => {
  const settings = settingsOf(base);
  const state = startState(settings);
  state.secondMoments[1] = new Float32Array(3);
  await expect(new ReferenceEngine(settings).writeState(state)).rejects.toMatchObject({
    code: 'SHAPE_MISMATCH',
    details: { part: 'secondMoments', name: 'layer 0 g' },
  });
});
