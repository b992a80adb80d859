import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isSoftwareAdapter } from '../../src/gpu/software-adapter.js';
import { learningRate } from '../../src/training/schedule.js';
import { DEFAULT_TRAIN_SPEC, defaultTrainingSettings, validateTrainingSettings } from '../../src/training/settings.js';
import { parseSpecsJson } from '../../src/training/specs-json.js';
import { openTfjsBackend } from '../../src/training/tfjs/tfjs-backend.js';

const specs = {
  Description: ['a test'],
  DataSource: 'data',
  TrainSplit: 'train.json',
  NetworkArch: 'deep_sdf_decoder',
  NetworkSpecs: {
    dims: [32, 64, 64],
    dropout: [0, 1, 2],
    dropout_prob: 0,
    norm_layers: [0, 1, 2],
    latent_in: [2],
    xyz_in_all: false,
    use_tanh: false,
    latent_dropout: false,
    weight_norm: true,
  },
  CodeLength: 16,
  NumEpochs: 2001,
  SnapshotFrequency: 1000,
  AdditionalSnapshots: [],
  LogFrequency: 10,
  LearningRateSchedule: [
    { Type: 'Step', Initial: 0.0005, Interval: 500, Factor: 0.5 },
    { Type: 'Warmup', Initial: 0.0001, Final: 0.001, Length: 100 },
  ],
  SamplesPerScene: 16384,
  ScenesPerBatch: 64,
  DataLoaderThreads: 16,
  ClampingDistance: 0.05,
  CodeRegularization: true,
  CodeRegularizationLambda: 1e-3,
  CodeBound: 2,
};

/** specs with one field set, by dotted name; undefined removes it. */
function changed(field: string, value: unknown): string {
  const copy = structuredClone(specs) as Record<string, unknown>;
  const names = field.split('.');
  const last = names.pop() as string;
  let group = copy;
  for (const name of names) {
    group[name] ??= {};
    group = group[name] as Record<string, unknown>;
  }
  if (value === undefined) delete group[last];
  else group[last] = value;
  return JSON.stringify(copy);
}

describe('specs.json', () => {
  it("reads every field of DeepSDF's", () => {
    expect(parseSpecsJson(JSON.stringify(specs))).toEqual({
      spec: {
        codeLength: 16,
        dims: [32, 64, 64],
        latentIn: [2],
        xyzInAll: false,
        latentInAll: false,
        fourierOctaves: 0,
        normLayers: [0, 1, 2],
        weightNorm: true,
        activation: 'relu',
        activationScale: 1,
        innerTanh: false,
        outputTanh: true,
      },
      settings: {
        loss: 'clamped-l1',
        delta: 0.05,
        codeBound: 2,
        codeStdDev: 0.25,
        regularization: 1e-3,
        regularizationWarmup: 100,
        decoderRate: { type: 'Step', initial: 0.0005, interval: 500, factor: 0.5 },
        latentRate: { type: 'Warmup', initial: 0.0001, final: 0.001, length: 100 },
        shapesPerStep: 64,
        samplesPerShape: 16384,
        epochs: 2001,
      },
      snapshotEpochs: 1000,
      logEpochs: 10,
      additionalEpochs: [],
      dataSource: 'data',
      trainSplit: 'train.json',
      testSplit: undefined,
    });
  });

  it('reads our additions', () => {
    const ours = {
      LatentInAll: true,
      FourierOctaves: 2,
      OutputTanh: false,
      Activation: 'sine',
      ActivationScale: 30,
      Loss: 'saturated-l1',
      Eikonal: { Weight: 0.1, Step: 0.02 },
    };
    const { spec, settings } = parseSpecsJson(changed('NeuralSdf', ours));
    expect(spec).toMatchObject({ latentInAll: true, fourierOctaves: 2, outputTanh: false, activation: 'sine', activationScale: 30 });
    expect(settings).toMatchObject({ loss: 'saturated-l1', eikonal: { weight: 0.1, step: 0.02, stencilsPerShape: 256 } });
  });

  it("honours the authors' regularisers", () => {
    const dropout = parseSpecsJson(changed('NetworkSpecs.dropout_prob', 0.2)).settings.dropout;
    expect(dropout).toEqual({ layers: [0, 1, 2], probability: 0.2, latentProbability: 0 });
    const latent = parseSpecsJson(changed('NetworkSpecs.latent_dropout', true)).settings.dropout;
    expect(latent).toEqual({ layers: [], probability: 0, latentProbability: 0.2 });
    expect(parseSpecsJson(changed('NetworkSpecs.weight_norm', false)).spec).toMatchObject({ weightNorm: false, normLayers: [0, 1, 2] });
    expect(parseSpecsJson(changed('NetworkSpecs.norm_layers', [0, 3])).spec).toMatchObject({ weightNorm: true, normLayers: [0, 3] });
    expect(parseSpecsJson(changed('NetworkSpecs.use_tanh', true)).spec).toMatchObject({ innerTanh: true, outputTanh: true });
    expect(parseSpecsJson(changed('GradientClipNorm', 1)).settings.gradientClip).toBe(1);
    expect(parseSpecsJson(changed('AdditionalSnapshots', [100])).additionalEpochs).toEqual([100]);
  });

  it('treats absent and switched-off fields as DeepSDF does', () => {
    expect(parseSpecsJson(changed('CodeBound', undefined)).settings.codeBound).toBe(Number.POSITIVE_INFINITY);
    expect(parseSpecsJson(changed('CodeRegularization', false)).settings.regularization).toBe(0);
    expect(parseSpecsJson(changed('CodeInitStdDev', 2)).settings.codeStdDev).toBe(0.5);
    expect(parseSpecsJson(changed('GradientClipNorm', null)).settings.delta).toBe(0.05);
    expect(parseSpecsJson(changed('GradientClipNorm', null)).settings.gradientClip).toBeUndefined();
    expect(parseSpecsJson(JSON.stringify(specs)).settings.dropout).toBeUndefined();
    expect(parseSpecsJson(changed('NetworkSpecs.norm_layers', [])).spec.normLayers).toEqual([]);
  });

  it.each([
    ['NetworkSpecs.dropout', changed('NetworkSpecs', { ...specs.NetworkSpecs, dropout: [3], dropout_prob: 0.2 })],
    ['dropout', changed('NetworkSpecs.dropout_prob', 1)],
    ['NetworkSpecs.norm_layers', changed('NetworkSpecs.norm_layers', 3)],
    ['normLayers', changed('NetworkSpecs.norm_layers', [-1])],
    ['NetworkSpecs.dims', changed('NetworkSpecs.dims', '512')],
    ['NetworkSpecs.activation', changed('NetworkSpecs.activation', 'sine')],
    ['NetworkArch', changed('NetworkArch', 'deep_sdf_encoder')],
    ['gradientClip', changed('GradientClipNorm', 0)],
    ['AdditionalSnapshots', changed('AdditionalSnapshots', 'all')],
    ['NeuralSdf.Activation', changed('NeuralSdf', { Activation: 'gelu' })],
    ['activationScale', changed('NeuralSdf', { ActivationScale: 2 })],
    ['NeuralSdf.Eikonal.Width', changed('NeuralSdf', { Eikonal: { Width: 1 } })],
    ['eikonal', changed('NeuralSdf', { Eikonal: { Step: 0 } })],
    ['LearningRateSchedule', changed('LearningRateSchedule', [{ Type: 'Constant', Value: 1e-3 }])],
    ['LearningRateSchedule[0].Type', changed('LearningRateSchedule', [{ Type: 'Linear' }, { Type: 'Constant', Value: 1e-3 }])],
    ['LearningRateSchedule[1].Value', changed('LearningRateSchedule', [{ Type: 'Constant', Value: 1e-3 }, { Type: 'Constant' }])],
    ['NeuralSdf.Sampling', changed('NeuralSdf', { Sampling: 'grid' })],
    ['Typo', changed('Typo', 1)],
    ['dims', changed('NetworkSpecs.dims', [32, 8, 64])],
    ['delta', changed('ClampingDistance', -1)],
    ['samplesPerShape', changed('SamplesPerScene', 3)],
    ['loss', changed('NeuralSdf.Loss', 'l2')],
    ['field', '[]'],
  ])('refuses %s by name', (field, text) => {
    const named = field === 'field' ? {} : { details: expect.objectContaining({ field }) };
    expect(() => parseSpecsJson(text)).toThrowError(expect.objectContaining({ code: 'INVALID_SPEC', ...named }));
  });

  it('refuses what is not JSON', () => {
    expect(() => parseSpecsJson('{')).toThrowError(expect.objectContaining({ code: 'INVALID_SPEC' }));
  });

  const real = new URL('../../../shared/data/checkpoints/reference/', import.meta.url);
  it.skipIf(!existsSync(real))('reads the files in shared/data (skipped where missing)', () => {
    const read = (name: string) => parseSpecsJson(readFileSync(new URL(`${name}/specs.json`, real), 'utf8'));
    expect(read('small_4x128_z32')).toMatchObject({ spec: { dims: [128, 128, 128, 128], codeLength: 32 }, settings: { epochs: 12845 } });
    expect(read('big_8x512_z256_untrained').settings.dropout).toMatchObject({ probability: 0.2 });
  });
});

describe('learning rate', () => {
  it("follows DeepSDF's schedules by epoch", () => {
    const step = { type: 'Step', initial: 1, interval: 500, factor: 0.5 } as const;
    expect([0, 499, 500, 1000].map((epoch) => learningRate(step, { epoch, share: 0 }))).toEqual([1, 1, 0.5, 0.25]);
    const warmup = { type: 'Warmup', initial: 0, final: 1, length: 10 } as const;
    expect([0, 5, 10, 11].map((epoch) => learningRate(warmup, { epoch, share: 0 }))).toEqual([0, 0.5, 1, 1]);
    expect(learningRate({ type: 'Constant', value: 3 }, { epoch: 9, share: 1 })).toBe(3);
  });

  it('falls by the cosine from Initial to 0', () => {
    const rates = [0, 0.25, 0.5, 1].map((share) => learningRate({ type: 'Cosine', initial: 2 }, { epoch: 0, share }));
    [2, 1 + Math.SQRT1_2, 1, 0].forEach((expected, i) => {
      expect(rates[i]).toBeCloseTo(expected, 12);
    });
  });
});

describe('training settings', () => {
  const settings = defaultTrainingSettings(DEFAULT_TRAIN_SPEC);

  it.each([
    ['delta', 0],
    ['codeBound', -1],
    ['samplesPerShape', 5],
    ['shapesPerStep', 0],
    ['regularization', Number.NaN],
    ['epochs', 1.5],
  ])('refuses a bad %s by name', (field, value) => {
    expect(() => validateTrainingSettings({ ...settings, [field]: value })).toThrowError(
      expect.objectContaining({ code: 'INVALID_SPEC', details: { field } }),
    );
  });

  it('refuses a bad schedule', () => {
    expect(() => validateTrainingSettings({ ...settings, latentRate: { type: 'Cosine', initial: -1 } })).toThrowError(
      /latentRate: initial/,
    );
  });
});

describe('tfjs on WebGPU', () => {
  const adapter = (info: object) => ({ info: { vendor: '', architecture: '', device: '', description: '', ...info } }) as GPUAdapter;

  it.each([
    { architecture: 'swiftshader' },
    { description: 'llvmpipe (LLVM 15.0.6, 256 bits)' },
    { architecture: 'software' },
    { isFallbackAdapter: true },
  ])('is never opened on a software adapter: %o', async (info) => {
    expect(isSoftwareAdapter(adapter(info))).toBe(true);
    const gpu = { requestAdapter: async () => adapter(info) } as unknown as GPU;
    await expect(openTfjsBackend('webgpu', { gpu: async () => gpu })).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
  });

  it('takes a real one for what it is, and says so where there is none', async () => {
    expect(isSoftwareAdapter(adapter({ vendor: 'nvidia', architecture: 'ampere', description: 'NVIDIA GeForce RTX 3060' }))).toBe(false);
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    await expect(openTfjsBackend('webgpu', { gpu: async () => gpu })).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
  });
});
