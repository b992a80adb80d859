import { afterAll, describe, expect, it } from 'vitest';
import type { EngineSettings, TrainingEngine } from '../../src/training/engine.js';
import { ReferenceEngine } from '../../src/training/reference-engine.js';
import { createTfjsEngine } from '../../src/training/tfjs/tfjs-engine.js';
import { nodeTfjsPlatform } from '../../src/training/tfjs/tfjs-platform-node.js';
import { type EngineCase, engineCase, LAYER_TYPES, relativeToLargest } from '../support/layer-types.js';

const names = Object.keys(LAYER_TYPES);

/** After the first step Adam's first moments are 0.1 times the gradients, clipped ones where there is a bound. */
async function compareGradients(engine: TrainingEngine, { settings, state, batch, step }: EngineCase): Promise<void> {
  const reference = new ReferenceEngine(settings);
  for (const each of [engine, reference]) await each.writeState(state);
  const { loss } = await engine.step(batch, step);
  const expected = await reference.step(batch, step);
  expect(Math.abs(loss / expected.loss - 1)).toBeLessThan(1e-5);
  const [actual, truth] = [await engine.readState(), await reference.readState()];
  actual.firstMoments.forEach((tensor, i) => {
    expect(relativeToLargest(tensor, truth.firstMoments[i]), `tensor ${i}`).toBeLessThan(1e-4);
  });
}

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

  it.each(names)('%s: gradients agree with the reference to 1e-4 of the largest', async (name) => {
    for (const loss of ['saturated-l1', 'clamped-l1'] as const) {
      const each = engineCase(name, { loss });
      await compareGradients(await open(each.settings), each);
    }
  });

  it.each(['skip', 'layer norm', 'eikonal'])('%s: a clipped gradient agrees, and so does one that is short enough', async (name) => {
    for (const gradientClip of [1e-3, 1e3]) {
      const each = engineCase(name, { gradientClip });
      await compareGradients(await open(each.settings), each);
    }
  });

  it.each(names)('%s: three steps agree with the reference', async (name) => {
    const { settings, state, batch, step } = engineCase(name);
    // In the middle of a run: Adam's first step of all is rate * sign(gradient), whatever the size of a gradient that cancels out.
    state.step = 1000;
    for (const moment of state.secondMoments) moment.fill(1e-4);
    const engine = await open(settings);
    const reference = new ReferenceEngine(settings);
    for (const each of [engine, reference]) {
      await each.writeState(state);
      for (let i = 0; i < 3; i++) await each.step(batch, { ...step, dropoutSeed: 77 + i });
    }
    const [actual, expected] = [await engine.readState(), await reference.readState()];
    expect(actual.step).toBe(1003);
    for (const part of ['parameters', 'firstMoments', 'secondMoments'] as const) {
      actual[part].forEach((tensor, i) => {
        expect(relativeToLargest(tensor, expected[part][i]), `${part} ${i}`).toBeLessThan(3e-4);
      });
    }
  });
});

it('tfjs engines on two backends may take turns, though tfjs has one active backend a process', async () => {
  const { settings, state, batch, step } = engineCase('skip');
  const platform = nodeTfjsPlatform();
  const engines = await Promise.all((['cpu', 'wasm'] as const).map((backend) => createTfjsEngine(settings, { backend, platform })));
  for (const engine of engines) await engine.writeState(state);
  for (let i = 0; i < 3; i++) {
    const [a, b] = await Promise.all(engines.map((engine) => engine.step(batch, step)));
    expect(a.loss).toBeCloseTo(b.loss, 5);
  }
  for (const engine of engines) engine.dispose();
  await expect(engines[0].step(batch, step)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

it('a step with dropout but no seed is refused, and does not count', async () => {
  const { settings, state, batch, step } = engineCase('dropout');
  const engine = await createTfjsEngine(settings, { backend: 'cpu' });
  await engine.writeState(state);
  await expect(engine.step(batch, { ...step, dropoutSeed: undefined })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(await engine.readState()).toEqual(state);
  engine.dispose();
});

it('a state of other lengths is refused by the name of its tensor', async () => {
  const { settings, state } = engineCase('skip');
  state.secondMoments[1] = new Float32Array(3);
  await expect(new ReferenceEngine(settings).writeState(state)).rejects.toMatchObject({
    code: 'SHAPE_MISMATCH',
    details: { part: 'secondMoments', name: 'layer 0 g' },
  });
});
