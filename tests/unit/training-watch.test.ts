import { describe, expect, it, vi } from 'vitest';
import type { DecoderSpec } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';
import type { TrainingCheckpoint } from '../../src/training/checkpoint.js';
import type { CheckpointTags } from '../../src/training/checkpoint-plan.js';
import type { TrainingEngine } from '../../src/training/engine.js';
import { HeldOutLoss, heldOutEngineSettings } from '../../src/training/held-out-loss.js';
import { ProbePacer, type TrainingProbe, type TrainingReadings } from '../../src/training/probe.js';
import { ReferenceEngine } from '../../src/training/reference-engine.js';
import { DEFAULT_TRAIN_SPEC, defaultTrainingSettings, engineSettings } from '../../src/training/settings.js';
import { initializeState } from '../../src/training/state.js';
import { type TrainingOptions, type TrainingResult, trainAutoDecoder } from '../../src/training/train.js';
import { createWasmEngine } from '../../src/training/wasm/wasm-engine.js';
import { sampledFields, sampleField } from '../support/sampled-fields.js';

const spec: DecoderSpec = { ...DEFAULT_TRAIN_SPEC, codeLength: 4, dims: [24, 24, 24], normLayers: [0, 1, 2], fourierOctaves: 1 };
const settings = { ...defaultTrainingSettings(spec), samplesPerShape: 128, shapesPerStep: 2 };
const samples = sampledFields();
const forEngine = engineSettings(spec, settings, samples.length);

/** A run whose losses are the given ones, step by step: nothing is computed. */
async function scripted(losses: (step: number) => number, change: Partial<TrainingOptions>): Promise<TrainingResult> {
  const engine = new ReferenceEngine(forEngine);
  let step = 0;
  engine.step = async () => ({ loss: losses(++step) });
  const read = engine.readState.bind(engine);
  engine.readState = async () => ({ ...(await read()), step });
  return trainAutoDecoder({ spec, samples, settings, engine, seed: 1, ...change });
}

describe('checkpoints', () => {
  async function tagsOf(steps: number, losses: (step: number) => number, plan: object): Promise<[number, CheckpointTags][]> {
    const saved: [number, CheckpointTags][] = [];
    const save = async ({ state }: TrainingCheckpoint, tags: CheckpointTags) => void saved.push([state.step, tags]);
    await scripted(losses, { steps, checkpoint: { save, ...plan } });
    return saved;
  }

  it('are saved as soon as an interval has passed: no more than one is ever lost', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const tenMilliseconds = (): number => {
        vi.advanceTimersByTime(10);
        return 0.01;
      };
      const steps = (saved: [number, CheckpointTags][]) => saved.map(([step]) => step);
      expect(steps(await tagsOf(23, tenMilliseconds, { everySeconds: 0.045 }))).toEqual([5, 10, 15, 20, 23]);
      // An epoch is one and a half steps: six of them end every 90 ms, but a second must pass.
      const saved = steps(await tagsOf(350, tenMilliseconds, { everyEpochs: 6 })).slice(0, -1);
      const gaps = saved.map((step, i) => step - (saved[i - 1] ?? 0));
      expect(gaps.every((gap) => gap >= 100 && gap <= 102)).toBe(true);
      expect(gaps.length).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });

  it('are kept for the epochs asked for, at the step that completes them', async () => {
    // Three shapes, two a step: epoch 2 ends at step 3, 4 at 6, 5 at 8 (7.5), 6 at 9.
    const saved = await tagsOf(10, () => 0.01, { keepEvery: 2, keepEpochs: [5] });
    expect(saved.map(([step, { epochs }]) => [step, epochs])).toEqual([
      [3, [2]],
      [6, [4]],
      [8, [5]],
      [9, [6]],
      [10, []],
    ]);
  });

  it('are the best when the moving mean of the loss is the lowest so far', async () => {
    const losses = [0.05, 0.04, 0.03, 0.09, 0.09, 0.001];
    const saved = await tagsOf(6, (step) => losses[step - 1], { everySteps: 1 });
    expect(saved.map(([step, { best }]) => [step, best])).toEqual([
      [1, true],
      [2, true],
      [3, true],
      [4, false],
      [5, false],
      [6, false],
    ]);
  });

  it('know the best before a resume, so that a worse one does not take its place', async () => {
    let resume: TrainingCheckpoint | undefined;
    const save = async (checkpoint: TrainingCheckpoint) => {
      resume = checkpoint;
    };
    await scripted(() => 0.01, { steps: 4, checkpoint: { save } });
    expect(resume?.best).toEqual({ loss: 0.01, step: 4 });
    const engine = new ReferenceEngine(forEngine);
    engine.step = async () => ({ loss: 0.5 });
    const tags: CheckpointTags[] = [];
    const keep = async (_: TrainingCheckpoint, tag: CheckpointTags) => void tags.push(tag);
    await trainAutoDecoder({ spec, samples, settings, engine, seed: 1, steps: 8, checkpoint: { save: keep, everySteps: 2, resume } });
    expect(tags.some(({ best }) => best)).toBe(false);
  });

  it('are the best by the loss of held-out shapes where that is asked for', async () => {
    const measured: number[] = [];
    const probe: TrainingProbe = {
      costShare: 1,
      measure: async ({ step }) => {
        measured.push(step);
        return { validationLoss: 0.2 };
      },
    };
    const saved: [number, boolean][] = [];
    const save = async ({ state }: TrainingCheckpoint, { best }: CheckpointTags) => void saved.push([state.step, best]);
    const result = await scripted(() => 0.01, { steps: 3, probes: [probe], checkpoint: { save, everySteps: 1, bestBy: 'validationLoss' } });
    expect(result.finished).toBe(true);
    expect(measured).toEqual([3]);
    expect(saved).toEqual([
      [1, false],
      [2, false],
      [3, true],
      [3, false],
    ]);
  });
});

describe('probes', () => {
  it('take their share of the time, however long they take', () => {
    const pacer = new ProbePacer({ costShare: 0.05, measure: async () => ({}) });
    let spent = 0;
    let seconds = 0;
    let step = 0;
    for (let share = 0; share < 1; share += 0.0001) {
      seconds += 0.1;
      step++;
      if (!pacer.isDue(seconds, share)) continue;
      const took = 0.5 + 2 * share;
      seconds += took;
      spent += took;
      pacer.measured(step, seconds, share, took);
      expect(pacer.isStale(step)).toBe(false);
      expect(pacer.isStale(step + 1)).toBe(true);
    }
    expect(spent / seconds).toBeLessThan(0.055);
    expect(spent / seconds).toBeGreaterThan(0.04);
  });

  it('measure at the end of a run, and not after an abort', async () => {
    const readings: [TrainingReadings, number][] = [];
    const probe: TrainingProbe = { costShare: 0.03, measure: async () => ({ chamferX1000: 0.5 }) };
    const onReadings: TrainingOptions['onReadings'] = (found, { step }) => void readings.push([found, step]);
    await scripted(() => 0.01, { steps: 5, probes: [probe], onReadings });
    expect(readings).toEqual([[{ chamferX1000: 0.5 }, 5]]);
    const signal = AbortSignal.abort();
    await scripted(() => 0.01, { steps: 5, probes: [probe], onReadings, signal });
    expect(readings.length).toBe(1);
  });
});

describe('validation on held-out shapes', () => {
  const heldOut = [
    sampleField('small torus', (x, y, z) => Math.hypot(Math.hypot(x, z) - 0.4, y) - 0.15, 6000),
    sampleField('egg', (x, y, z) => Math.hypot(x, 0.8 * y, z) - 0.5, 6000),
  ];

  async function withProbe<T>(use: (probe: HeldOutLoss, engine: TrainingEngine) => Promise<T>): Promise<T> {
    const fit = heldOutEngineSettings(forEngine, heldOut.length);
    const engine = await createWasmEngine(fit);
    try {
      return await use(new HeldOutLoss({ samples: heldOut, settings, engine, engineSettings: fit, steps: 60 }), engine);
    } finally {
      engine.dispose();
    }
  }

  async function train(change: Partial<TrainingOptions>): Promise<TrainingResult> {
    const engine = await createWasmEngine(forEngine);
    try {
      return await trainAutoDecoder({ spec, samples, settings, engine, seed: 4, steps: 400, ...change });
    } finally {
      engine.dispose();
    }
  }

  it('does not change a bit of the run, and finds that the decoder learns', async () => {
    const alone = await train({});
    await withProbe(async (probe) => {
      const before = await probe.measure(initializeState(forEngine, settings.codeStdDev, new Random(1)));
      const often: TrainingProbe = { costShare: 1, firstAfter: 0, measure: (state) => probe.measure(state) };
      const measured: number[] = [];
      const onReadings: TrainingOptions['onReadings'] = ({ validationLoss }) => void measured.push(validationLoss as number);
      const watched = await train({ probes: [often], onReadings });
      expect(watched.state).toEqual(alone.state);
      expect(measured.length).toBeGreaterThan(3);
      expect(measured[measured.length - 1]).toBeLessThan(0.6 * (before.validationLoss as number));
    });
  });

  it('depends on the decoder alone, which it leaves as it is', async () => {
    const { state } = await train({ steps: 150 });
    await withProbe(async (probe, engine) => {
      const first = await probe.measure(state);
      const latents = probe.fit?.latents;
      await probe.measure(initializeState(forEngine, settings.codeStdDev, new Random(2)));
      expect(await probe.measure(state)).toEqual(first);
      expect(probe.fit?.latents).toEqual(latents);
      const { parameters } = await engine.readState();
      expect(parameters.slice(0, -1)).toEqual(state.parameters.slice(0, -1));
    });
  });
});
