import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { referenceDistance } from '../../src/decoder/reference.js';
import type { DecoderSpec } from '../../src/decoder/spec.js';
import type { TrainingCheckpoint } from '../../src/training/checkpoint.js';
import { loadCheckpoint, previousCheckpointPath, saveCheckpoint } from '../../src/training/checkpoint-node.js';
import { createTrainingEngine, type TrainingBackend } from '../../src/training/choose-engine.js';
import { ReferenceEngine } from '../../src/training/reference-engine.js';
import { isSampleSource } from '../../src/training/sample-source.js';
import { DEFAULT_TRAIN_SPEC, defaultTrainingSettings, engineSettings, type TrainingSettings } from '../../src/training/settings.js';
import { nodeTfjsPlatform } from '../../src/training/tfjs/tfjs-platform-node.js';
import { type TrainingOptions, type TrainingResult, trainAutoDecoder } from '../../src/training/train.js';
import { trainedShapes } from '../../src/training/trained-shapes.js';
import { sampledFields } from '../support/sampled-fields.js';

const spec: DecoderSpec = { ...DEFAULT_TRAIN_SPEC, codeLength: 4, dims: [24, 24, 24], fourierOctaves: 1 };
const settings: TrainingSettings = { ...defaultTrainingSettings(spec), samplesPerShape: 128, shapesPerStep: 2 };

const samples = sampledFields();

/** Of the best constant: the mean of |clamp(s)|, each side counted half. */
const constantLoss =
  samples
    .flatMap(({ positive, negative }) => [positive, negative])
    .map((rows) => {
      const distances = rows.filter((_, i) => i % 4 === 3);
      return distances.reduce((sum, s) => sum + Math.min(Math.abs(s), settings.delta), 0) / distances.length;
    })
    .reduce((a, b) => a + b) /
  (2 * samples.length);

async function train(backend: TrainingBackend, change: Partial<TrainingOptions> = {}): Promise<TrainingResult> {
  const options = { spec, samples, settings, seed: 4, steps: 120, ...change };
  const shapes = isSampleSource(options.samples) ? options.samples.shapeCount : options.samples.length;
  const engine = await createTrainingEngine(engineSettings(options.spec, options.settings, shapes), backend, {
    platform: nodeTfjsPlatform(),
  });
  try {
    return await trainAutoDecoder({ ...options, engine });
  } finally {
    engine.dispose();
  }
}

describe('training', () => {
  it('200 steps on tfjs end within 1 % of the float64 reference in loss', async () => {
    const small = { settings: { ...settings, samplesPerShape: 32 }, steps: 200 };
    const engine = new ReferenceEngine(engineSettings(spec, small.settings, samples.length));
    const reference = await trainAutoDecoder({ spec, samples, seed: 4, ...small, engine });
    const tfjs = await train('tfjs-wasm', small);
    expect(reference.progress.step).toBe(200);
    expect(Math.abs(tfjs.progress.loss / reference.progress.loss - 1)).toBeLessThan(0.01);
  });

  it('brings the loss of a torus and two balls down, and the decoder tells inside from outside', async () => {
    const result = await train('wasm', { steps: 700, settings: { ...settings, samplesPerShape: 512 } });
    expect(result.finished).toBe(true);
    expect(result.progress.loss).toBeLessThan(0.15 * constantLoss);
    const { decoder, shapes, delta } = trainedShapes(
      engineSettings(spec, settings, 3),
      result.state,
      samples.map(({ name }) => ({ name })),
    );
    expect(delta).toBe(0.1);
    expect(shapes.map(({ name }) => name)).toEqual(['torus', 'ball', 'pebble']);
    const signs = shapes.map(({ latent }) => [
      referenceDistance(decoder, latent, [0, 0, 0]) < 0,
      referenceDistance(decoder, latent, [0.5, 0, 0]) < 0,
      referenceDistance(decoder, latent, [0.85, 0.85, 0]) < 0,
    ]);
    expect(signs).toEqual([
      [false, true, false],
      [true, true, false],
      [true, false, false],
    ]);
  });

  it('visits every shape equally often, half inside and half outside, and ramps the prior', async () => {
    const engine = new ReferenceEngine(engineSettings(spec, settings, 3));
    const visits = [0, 0, 0];
    const priors: number[] = [];
    engine.step = async (batch, step) => {
      for (const shape of batch.shapes) visits[shape]++;
      expect(batch.distances.filter((s) => s < 0)).toHaveLength(batch.distances.length / 2);
      priors.push(step.regularization);
      return { loss: 0.01 };
    };
    await trainAutoDecoder({ spec, samples, settings, engine, seed: 1, steps: 300 });
    expect(visits).toEqual([200, 200, 200]);
    expect(priors[0]).toBe(0);
    expect(priors[75]).toBeCloseTo(0.5e-4, 12);
    expect(priors[299]).toBe(1e-4);
  });

  it('gives every step its own seed of dropout masks, the same one after a resume, and stencils where they are asked for', async () => {
    const dropout = { layers: [0, 1], probability: 0.2, latentProbability: 0 };
    const eikonal = { weight: 0.1, step: 0.01, stencilsPerShape: 8 };
    const changed = { ...settings, dropout, eikonal };
    let resume: TrainingCheckpoint | undefined;
    const seedsOf = async (steps: number) => {
      const engine = new ReferenceEngine(engineSettings(spec, changed, 3));
      const seeds: (number | undefined)[] = [];
      engine.step = async (batch, { dropoutSeed }) => {
        expect([batch.stencilsPerShape, batch.distances.length]).toEqual([8, 2 * (128 + 32)]);
        seeds.push(dropoutSeed);
        return { loss: 0.01 };
      };
      const read = engine.readState.bind(engine);
      const before = resume?.state.step ?? 0;
      engine.readState = async () => ({ ...(await read()), step: before + seeds.length });
      const save = async (checkpoint: TrainingCheckpoint) => {
        resume = checkpoint;
      };
      await trainAutoDecoder({ spec, samples, settings: changed, engine, seed: 1, steps, checkpoint: { save, resume } });
      return seeds;
    };
    const halves = [...(await seedsOf(20)), ...(await seedsOf(40))];
    resume = undefined;
    expect(await seedsOf(40)).toEqual(halves);
    expect(new Set(halves).size).toBe(40);
  });

  it('refuses a run that nothing ends, and samples with a NaN', async () => {
    await expect(train('cpu', { steps: undefined })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const broken = { ...samples[1], negative: samples[1].negative.slice() };
    broken.negative[7] = Number.NaN;
    await expect(train('cpu', { samples: [samples[0], broken] })).rejects.toMatchObject({
      code: 'SAMPLES_INVALID',
      details: { name: 'ball' },
    });
    const hollow = { ...samples[1], negative: new Float32Array(0) };
    await expect(train('cpu', { samples: [hollow] })).rejects.toMatchObject({ code: 'SAMPLES_INVALID', details: { side: 'negative' } });
  });

  it('keeps to a time budget', async () => {
    const { progress } = await train('tfjs-wasm', { steps: undefined, timeBudgetSeconds: 1 });
    expect(progress.share).toBe(1);
    expect(progress.secondsLeft).toBe(0);
    expect(progress.elapsedSeconds).toBeGreaterThanOrEqual(1);
    expect(progress.elapsedSeconds).toBeLessThan(1.5);
  });
});

describe('a decoder that died', () => {
  it('is told from a slow one', async () => {
    const hot: TrainingSettings = {
      ...settings,
      loss: 'clamped-l1',
      samplesPerShape: 16,
      decoderRate: { type: 'Constant', value: 10 },
      latentRate: { type: 'Constant', value: 10 },
    };
    await expect(train('wasm', { settings: hot, steps: 1500 })).rejects.toMatchObject({ code: 'TRAINING_COLLAPSED' });
  });

  it('does not overwrite a checkpoint with weights that are not finite', async () => {
    const engine = new ReferenceEngine(engineSettings(spec, settings, 3));
    engine.step = async () => ({ loss: 0.01 });
    const read = engine.readState.bind(engine);
    engine.readState = async () => {
      const state = await read();
      state.parameters[0][5] = Number.NaN;
      return state;
    };
    const saved: TrainingCheckpoint[] = [];
    const save = async (checkpoint: TrainingCheckpoint) => void saved.push(checkpoint);
    await expect(trainAutoDecoder({ spec, samples, settings, engine, seed: 1, steps: 3, checkpoint: { save } })).rejects.toMatchObject({
      code: 'TRAINING_COLLAPSED',
    });
    expect(saved).toEqual([]);
  });
});

describe('resuming', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'training-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(['cpu', 'tfjs-wasm', 'wasm'] as const)(
    'on %s from any checkpoint ends with the same bits as a run left alone',
    async (backend) => {
      const change = backend === 'cpu' ? { steps: 30, settings: { ...settings, samplesPerShape: 16 } } : { steps: 150 };
      const path = join(folder, `${backend}.ckpt`);
      const alone = await train(backend, change);
      const kept: TrainingCheckpoint[] = [];
      const save = async (checkpoint: TrainingCheckpoint) => {
        await saveCheckpoint(path, checkpoint);
        kept.push((await loadCheckpoint(path)).checkpoint);
      };
      await train(backend, { ...change, checkpoint: { save, everySteps: change.steps / 3 } });
      expect(kept.map(({ state }) => state.step)).toEqual([1, 2, 3].map((third) => (third * change.steps) / 3));
      for (const resume of kept) {
        const resumed = await train(backend, { ...change, checkpoint: { save: async () => {}, resume } });
        expect(resumed.state).toEqual(alone.state);
      }
    },
  );

  it('after an abort goes on from the step that was finished', async () => {
    const abort = new AbortController();
    const path = join(folder, 'aborted.ckpt');
    const save = (checkpoint: TrainingCheckpoint) => saveCheckpoint(path, checkpoint);
    const onProgress = () => abort.abort();
    const stopped = await train('tfjs-wasm', { steps: 5000, signal: abort.signal, onProgress, checkpoint: { save } });
    expect(stopped.finished).toBe(false);
    const { checkpoint } = await loadCheckpoint(path);
    expect(checkpoint.state).toEqual(stopped.state);
    expect(checkpoint.state.step).toBeGreaterThan(0);
  });

  it('refuses other settings, other data and another seed by name', async () => {
    let resume: TrainingCheckpoint | undefined;
    const save = async (checkpoint: TrainingCheckpoint) => {
      resume = checkpoint;
    };
    await train('cpu', { steps: 1, checkpoint: { save } });
    const rejected = (change: Partial<TrainingOptions>) => expect(train('cpu', { ...change, checkpoint: { save, resume } })).rejects;
    const naming = (field: string) => ({ code: 'CHECKPOINT_INVALID', details: { field } });
    await rejected({ settings: { ...settings, delta: 0.2 } }).toMatchObject(naming('settings.delta'));
    await rejected({ settings: { ...settings, decoderRate: { type: 'Cosine', initial: 1e-3 } } }).toMatchObject(
      naming('settings.decoderRate.initial'),
    );
    await rejected({ spec: { ...spec, fourierOctaves: 2 } }).toMatchObject(naming('spec.fourierOctaves'));
    await rejected({ samples: [samples[0], samples[2], samples[1]] }).toMatchObject(naming('samples'));
    await rejected({ seed: 5 }).toMatchObject(naming('seed'));
  });

  it('falls back to the previous checkpoint when the newest is damaged', async () => {
    const path = join(folder, 'damaged.ckpt');
    await train('cpu', { steps: 2, checkpoint: { save: (checkpoint) => saveCheckpoint(path, checkpoint), everySteps: 1 } });
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 9));
    const { checkpoint, fallback } = await loadCheckpoint(path);
    expect(checkpoint.state.step).toBe(1);
    expect(fallback).toMatchObject({ code: 'CHECKPOINT_INVALID', details: { path } });
    await rm(previousCheckpointPath(path));
    await expect(loadCheckpoint(path)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
    await expect(loadCheckpoint(join(folder, 'none.ckpt'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});
