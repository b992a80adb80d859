import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random.js';
import { createTrainingEngine } from '../../src/training/choose-engine.js';
import type { TrainingState } from '../../src/training/engine.js';
import { loadOnnxRuntime } from '../../src/training/onnxruntime/load-onnxruntime.js';
import { createOnnxRuntimeEngine } from '../../src/training/onnxruntime/onnxruntime-engine.js';
import { ReferenceEngine } from '../../src/training/reference-engine.js';
import { engineCase, LAYER_TYPES, relativeToLargest, sphereBatch } from '../support/layer-types.js';

/** 288 MB, and no dependency: to run these tests, install it anywhere and name its node_modules in NODE_PATH. */
const installed = (() => {
  try {
    loadOnnxRuntime();
    return true;
  } catch {
    return false;
  }
})();

const isForIt = (name: string) => !/layer norm|sine|softplus|elu|dropout|eikonal/.test(name);
const names = Object.keys(LAYER_TYPES);

it.each(names.filter((name) => !isForIt(name)))('%s is refused with a reason, and auto goes on to the next backend', async (name) => {
  await expect(createOnnxRuntimeEngine(engineCase(name).settings)).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringMatching(/does not know .*: use wasm/),
  });
});

it.each(['layer norm', 'skip'])('auto takes it where it is installed and knows all that is asked for: %s', async (name) => {
  const passedOver: string[] = [];
  const engine = await createTrainingEngine(engineCase(name).settings, 'auto', { onSkip: (backend) => passedOver.push(backend) });
  const taken = installed && isForIt(name);
  expect(engine.description).toMatch(taken ? /^onnxruntime/ : /^wasm/);
  expect(passedOver.includes('onnxruntime')).toBe(!taken);
  engine.dispose();
});

it.skipIf(installed)('says that the package is missing, and how to get it', async () => {
  await expect(createOnnxRuntimeEngine(engineCase('skip').settings)).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringContaining('npm install onnxruntime-node'),
  });
});

describe.skipIf(!installed)('onnxruntime', () => {
  it.each(names.filter(isForIt))('%s: gradients agree with the reference to 1e-4 of the largest', async (name) => {
    for (const loss of ['saturated-l1', 'clamped-l1'] as const) {
      for (const gradientClip of [undefined, 0.01]) {
        const { settings, state, batch, step } = engineCase(name, { loss, gradientClip });
        const engine = await createOnnxRuntimeEngine(settings);
        const reference = new ReferenceEngine(settings);
        for (const each of [engine, reference]) await each.writeState(state);
        const [{ loss: value }, expected] = [await engine.step(batch, step), await reference.step(batch, step)];
        expect(Math.abs(value / expected.loss - 1)).toBeLessThan(1e-5);
        const [actual, truth] = [await engine.readState(), await reference.readState()];
        actual.firstMoments.forEach((tensor, i) => {
          expect(relativeToLargest(tensor, truth.firstMoments[i]), `tensor ${i}`).toBeLessThan(1e-4);
        });
        engine.dispose();
      }
    }
  });

  it('cuts large groups into pieces, whose sums agree with the reference', async () => {
    const { settings, state, step } = engineCase('skip');
    const batch = sphereBatch(new Random(4), 2500);
    const engines = [await createOnnxRuntimeEngine(settings, { threads: 2 }), new ReferenceEngine(settings)];
    for (const engine of engines) await engine.writeState(state);
    for (const engine of engines) await engine.step(batch, step);
    const [actual, expected] = await Promise.all(engines.map((engine) => engine.readState()));
    actual.firstMoments.forEach((tensor, i) => {
      expect(relativeToLargest(tensor, expected.firstMoments[i]), `tensor ${i}`).toBeLessThan(1e-4);
    });
    engines[0].dispose();
  });

  it.each([1, 2])('is bit-equal from run to run, and after a restart from its state, on %i threads', async (threads) => {
    const { settings, state, step } = engineCase('skip');
    const run = async (restart: boolean): Promise<TrainingState> => {
      const random = new Random(8);
      let engine = await createOnnxRuntimeEngine(settings, { threads });
      await engine.writeState(state);
      for (let i = 0; i < 6; i++) {
        await engine.step(sphereBatch(random, 600), step);
        if (!restart || i !== 2) continue;
        const saved = await engine.readState();
        engine.dispose();
        engine = await createOnnxRuntimeEngine(settings, { threads });
        await engine.writeState(saved);
      }
      const end = await engine.readState();
      engine.dispose();
      return end;
    };
    const first = await run(false);
    expect(first.step).toBe(6);
    expect(await run(false)).toEqual(first);
    expect(await run(true)).toEqual(first);
  });
});
