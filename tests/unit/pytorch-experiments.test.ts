import { describe, expect, it } from 'vitest';
import { type ExperimentFiles, readExperiment } from '../../src/asset/experiment.js';
import { formatExperiment } from '../../src/asset/experiment-export.js';
import { readMaurockRun } from '../../src/asset/experiment-maurock.js';
import { parseExperimentSpecs } from '../../src/asset/experiment-specs.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { PickleDict } from '../../src/asset/pytorch/pickle-values.js';
import { PickleWriter } from '../../src/asset/pytorch/pickle-writer.js';
import { readTorchFile } from '../../src/asset/pytorch/read-torch-file.js';
import type { StoredTensor } from '../../src/asset/pytorch/tensor.js';
import { type FloatTensor, writeTorchFile } from '../../src/asset/pytorch/write-torch-file.js';
import { writeSafetensors } from '../../src/asset/safetensors.js';
import { applyWeightNorm } from '../../src/asset/state-dict.js';
import type { Decoder } from '../../src/decoder/decoder.js';
import type { DecoderSpec } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';
import { floatBytes, legacyFile, legacyStateDict, numpyResults, randomShapes, writeView, zipFile } from '../support/torch-files.js';

const refused = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

/** The parameters that an export holds, to be spelled in other ways. */
function parametersOf(asset: NeuralShapes): Map<string, FloatTensor> {
  const state = (readTorchFile(formatExperiment(asset).parameters) as PickleDict).get('model_state_dict') as PickleDict;
  return new Map([...state.entries].map(([name, value]) => [name as string, tensorOf(value as StoredTensor)]));
}

const tensorOf = (tensor: StoredTensor): FloatTensor => ({ shape: tensor.shape, data: tensor.toFloat32() });

const renamed = (parameters: ReadonlyMap<string, FloatTensor>, rename: (name: string) => string) =>
  new Map([...parameters].map(([name, tensor]) => [rename(name), tensor]));

/** A specs.json with other fields; `network` are those of NetworkSpecs. */
const specsWith = (specs: string, { network, ...fields }: { network?: object; [field: string]: unknown }): string => {
  const json = JSON.parse(specs);
  return JSON.stringify({ ...json, ...fields, NetworkSpecs: { ...json.NetworkSpecs, ...network } });
};

const asset = randomShapes();
const exported = formatExperiment(asset);
const parameters = parametersOf(asset);
const zip = (state: ReadonlyMap<string, FloatTensor>, modules: string[] = []) =>
  writeTorchFile(3, 'model_state_dict', { parameters: state, modules });
const importWith = (change: Partial<ExperimentFiles>) => readExperiment({ ...exported, ...change });
const sameDecoder = (decoder: Decoder, expected: Decoder = asset.decoder) => {
  expect(decoder.spec).toEqual(expected.spec);
  expect(decoder.layers).toEqual(expected.layers);
};

describe('export, then import', () => {
  const specs: Record<string, Partial<DecoderSpec>> = {
    "the paper's": {},
    'no weight norm': { normLayers: [], weightNorm: false },
    'no skip': { latentIn: [] },
    'skip before the last layer': { latentIn: [2, 4] },
    'point in every layer': { xyzInAll: true },
    'weight norm of some layers, the output among them': { normLayers: [1, 4] },
    'weight norm of layers that it does not have': { normLayers: [0, 1, 2, 3, 9] },
    'layer norm': { weightNorm: false },
    'layer norm of some layers, named in disorder': { weightNorm: false, normLayers: [3, 0], xyzInAll: true },
    'tanh twice': { innerTanh: true },
    'Fourier octaves, latent in every layer, no tanh': { fourierOctaves: 1, latentInAll: true, latentIn: [], outputTanh: false },
    'the inner tanh alone': { innerTanh: true, outputTanh: false },
    'sine, layer norm': { activation: 'sine', activationScale: 12.5, weightNorm: false },
    softplus: { activation: 'softplus', activationScale: 100 },
    ELU: { activation: 'elu', activationScale: 1 },
  };
  it.each(Object.entries(specs))('gives back every bit: %s', (_, change) => {
    const before = randomShapes(change);
    const { beyondDeepSdf, ...files } = formatExperiment(before);
    const after = readExperiment(files);
    sameDecoder(after.decoder, before.decoder);
    expect(after.latents).toEqual(before.shapes.map(({ latent }) => latent));
    expect(after.delta).toBe(before.delta);
    const { fourierOctaves, latentInAll, outputTanh, activation } = change;
    const beyond = [fourierOctaves, latentInAll, outputTanh === false, activation].filter(Boolean);
    expect(beyondDeepSdf).toHaveLength(beyond.length);
    // And again from there: the files themselves are the same.
    expect(formatExperiment({ ...before, ...after })).toEqual({ beyondDeepSdf, ...files });
  });

  it('keeps the epoch and what else the experiment said about itself', () => {
    const base = { ...JSON.parse(exported.specs), NumEpochs: 77, Description: ['mugs'] };
    const again = formatExperiment({ ...asset, provenance: { import: { epoch: 9, specs: base } } });
    expect(readExperiment(again)).toMatchObject({ epoch: 9, specs: { NumEpochs: 77, Description: ['mugs'], CodeLength: 5 } });
  });

  it("names parameters and modules as the authors' decoder with layer norm and use_tanh does", () => {
    const files = formatExperiment(randomShapes({ weightNorm: false, normLayers: [0, 2, 4], innerTanh: true }));
    const state = (readTorchFile(files.parameters) as PickleDict).get('model_state_dict') as PickleDict;
    const names = [0, 1, 2, 3, 4].flatMap((layer) => [
      ...[`lin${layer}.weight`, `lin${layer}.bias`],
      // Of the output too, where it stands idle: load_state_dict is strict.
      ...(layer % 2 === 0 ? [`bn${layer}.weight`, `bn${layer}.bias`] : []),
    ]);
    expect([...state.entries.keys()]).toEqual(names.map((name) => `module.${name}`));
    expect((state.get('module.bn4.weight') as StoredTensor).shape).toEqual([1]);
    const modules = [...((state.attributes as PickleDict).get('_metadata') as PickleDict).entries.keys()];
    expect(modules.slice(-3)).toEqual(['module.tanh', 'module.relu', 'module.th']);
    expect(JSON.parse(files.specs).NetworkSpecs).toMatchObject({ norm_layers: [0, 2, 4], weight_norm: false, use_tanh: true });
  });

  it('gives every row a direction that float32 can normalise: zero and tiny rows', () => {
    const random = new Random(4);
    const layers = asset.decoder.layers.map(({ weight, bias }, index) => {
      const values = Float32Array.from(weight);
      if (index === 1) values.fill(0, 0, 24);
      // Denormals, and rows whose squares vanish in float32.
      if (index === 1) for (let i = 24; i < 96; i++) values[i] = random.range(-1, 1) * [1e-30, 1e-38, 1e-44][Math.floor(i / 24) - 1];
      return { weight: values, bias };
    });
    const tiny = { ...asset, decoder: { ...asset.decoder, layers } };
    const state = parametersOf(tiny);
    const v = (state.get('module.lin1.weight_v') as FloatTensor).data;
    for (let row = 0; row < 12; row++) {
      const norm = v.subarray(24 * row, 24 * row + 24).reduce((sum, value) => Math.fround(sum + Math.fround(value * value)), 0);
      expect(norm).toBeGreaterThan(1e-37);
    }
    expect([...readExperiment(formatExperiment(tiny)).decoder.layers[1].weight]).toEqual([...layers[1].weight].map((value) => value + 0));
  });
});

describe('spellings of one decoder', () => {
  const bare = renamed(parameters, (name) => name.replace('module.', ''));
  const parametrized = renamed(parameters, (name) =>
    name.replace('weight_g', 'parametrizations.weight.original0').replace('weight_v', 'parametrizations.weight.original1'),
  );
  const effective = new Map(
    [...parameters].flatMap(([name, tensor]): [string, FloatTensor][] => {
      if (name.endsWith('weight_g')) return [];
      const g = parameters.get(name.replace('weight_v', 'weight_g'));
      if (!name.endsWith('weight_v') || !g) return [[name, tensor]];
      return [[name.replace('weight_v', 'weight'), { shape: tensor.shape, data: applyWeightNorm(g.data, tensor.data, tensor.shape[1]) }]];
    }),
  );

  it.each<[string, Uint8Array]>([
    ['without module.', zip(bare)],
    ['parametrizations.weight.original0 and 1', zip(parametrized)],
    ['the legacy container', legacyStateDict('model_state_dict', parameters)],
    ['safetensors', writeSafetensors(bare)],
  ])('%s', (_, file) => {
    sameDecoder(importWith({ parameters: file }).decoder);
  });

  it('a state dict alone, plain weights', () => {
    const pickle = new PickleWriter();
    const views = [...effective].map(([name, { shape, data }], i) => {
      const strides = shape.length === 2 ? [shape[1], 1] : [1];
      const view = { key: String(i), type: 'FloatStorage', elements: data.length, offset: 0, shape, strides };
      return [name, () => writeView(pickle, view)] as const;
    });
    pickle.orderedDict(views);
    const storages = Object.fromEntries([...effective.values()].map(({ data }, i) => [String(i), floatBytes(data)]));
    const { decoder } = importWith({ parameters: zipFile(pickle.finish(), storages) });
    sameDecoder(decoder, { ...asset.decoder, spec: { ...asset.decoder.spec, normLayers: [], weightNorm: false } });
  });

  it("layer norm of the output, which the authors' decoder has and does not apply", () => {
    const normed = randomShapes({ weightNorm: false, normLayers: [0, 4] });
    const files = formatExperiment(normed);
    const state = parametersOf(normed);
    state.set('module.bn4.weight', { shape: [1], data: Float32Array.of(7) });
    const { decoder } = readExperiment({ ...files, parameters: zip(state) });
    sameDecoder(decoder, normed.decoder);
  });

  it('g other than |v|, as trained files have', () => {
    const scaled = new Map(parameters);
    const g = parameters.get('module.lin0.weight_g') as FloatTensor;
    scaled.set('module.lin0.weight_g', { ...g, data: g.data.map((value, row) => value * (row % 2 ? -1.3 : 0.6)) });
    const { weight } = importWith({ parameters: zip(scaled) }).decoder.layers[0];
    const before = asset.decoder.layers[0].weight;
    for (const [i, value] of weight.entries()) expect(value / before[i]).toBeCloseTo(Math.floor(i / 8) % 2 ? -1.3 : 0.6, 5);
  });

  it('ends in a tanh unless the module list shows that it was taken out, or specs.json says so', () => {
    const tanhOf = (files: Partial<ExperimentFiles>) => importWith(files).decoder.spec.outputTanh;
    const use = (tanh: boolean) => specsWith(exported.specs, { network: { use_tanh: tanh } });
    expect(tanhOf({ parameters: legacyStateDict('model_state_dict', parameters) })).toBe(true);
    expect(tanhOf({ parameters: zip(parameters, ['', 'module', 'module.lin0', 'module.relu', 'module.th']) })).toBe(true);
    expect(tanhOf({ parameters: zip(parameters, ['', 'module', 'module.lin0', 'module.relu']) })).toBe(false);
    expect(tanhOf({ specs: specsWith(exported.specs, { NeuralSdf: { OutputTanh: false } }) })).toBe(false);
    const twice = { innerTanh: true, outputTanh: true };
    expect(importWith({ specs: use(true) }).decoder.spec).toMatchObject(twice);
    const inner = zip(parameters, ['', 'module.lin0', 'module.relu', 'module.tanh']);
    expect(importWith({ specs: use(true), parameters: inner }).decoder.spec).toMatchObject({ ...twice, outputTanh: false });
  });
});

describe('latent codes', () => {
  const { codeLength } = asset.decoder.spec;
  const data = Float32Array.from(asset.shapes.flatMap(({ latent }) => [...latent]));
  const view = (shape: number[], offset = 0) => {
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
    return { key: '0', type: 'FloatStorage', elements: data.length, offset, shape, strides };
  };
  const file = (write: (pickle: PickleWriter) => void) => {
    const pickle = new PickleWriter();
    write(pickle);
    return zipFile(pickle.finish(), { 0: floatBytes(data) });
  };
  const under = (write: (pickle: PickleWriter) => void) => (pickle: PickleWriter) =>
    pickle.dict([
      ['epoch', () => pickle.integer(3)],
      ['latent_codes', () => write(pickle)],
    ]);

  it.each<[string, Uint8Array]>([
    ["an embedding's state dict", exported.latents],
    ['a tensor [n, codeLength]', file(under((pickle) => writeView(pickle, view([3, codeLength]))))],
    ['a tensor [n, 1, codeLength], of older DeepSDF', file(under((pickle) => writeView(pickle, view([3, 1, codeLength]))))],
    ['a tensor alone', file((pickle) => writeView(pickle, view([3, codeLength])))],
    [
      'several tensors',
      file(under((pickle) => pickle.tuple(...[0, 1, 2].map((i) => () => writeView(pickle, view([1, codeLength], i * codeLength)))))),
    ],
    ['safetensors', writeSafetensors(new Map([['weight', { shape: [3, codeLength], data }]]))],
  ])('as %s', (_, latents) => {
    expect(importWith({ latents }).latents).toEqual(asset.shapes.map(({ latent }) => latent));
  });

  it('of another length, not finite, or missing are refused', () => {
    const wrong = writeSafetensors(new Map([['weight', { shape: [5, 3], data }]]));
    expect(() => importWith({ latents: wrong })).toThrowError(refused('LATENT_LENGTH', /\[5,3\]/));
    const nan = writeSafetensors(new Map([['weight', { shape: [3, 5], data: data.with(7, Number.NaN) }]]));
    expect(() => importWith({ latents: nan })).toThrowError(refused('NOT_FINITE', /latent code 1 /));
    expect(() => importWith({ latents: file((pickle) => pickle.dict([])) })).toThrowError(
      refused('CHECKPOINT_INVALID', /no tensor of latent/),
    );
    expect(() => importWith({ latents: file(under((pickle) => writeView(pickle, view([0, 5])))) })).toThrowError(
      refused('CHECKPOINT_INVALID', /no latent codes/),
    );
  });
});

describe('refused by name', () => {
  const set = (change: Parameters<typeof specsWith>[1]) => () => importWith({ specs: specsWith(exported.specs, change) });
  const more = (name: string, shape: number[]) => () =>
    importWith({ parameters: zip(new Map([...parameters, [name, { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }]])) });

  it.each<[string, () => unknown, string, RegExp]>([
    ['layer norm in the specs alone', set({ network: { weight_norm: false } }), 'CHECKPOINT_INVALID', /bn0\.weight is missing/],
    ['layer norm in the checkpoint alone', more('module.bn0.weight', [24]), 'ASSET_UNSUPPORTED', /bn0\.weight is layer norm/],
    ['an activation that is none', set({ NeuralSdf: { Activation: 'gelu' } }), 'INVALID_SPEC', /NeuralSdf\.Activation/],
    ['an addition that might matter', set({ NeuralSdf: { Siren: true } }), 'INVALID_SPEC', /NeuralSdf\.Siren/],
    ['a layer too many', more('module.lin5.weight', [1, 1]), 'ASSET_UNSUPPORTED', /lin5\.weight/],
    ['a field that might matter', set({ network: { siren: true } }), 'INVALID_SPEC', /NetworkSpecs\.siren/],
    ['another decoder', set({ NetworkArch: 'mine' }), 'INVALID_SPEC', /NetworkArch/],
    ['a code length of another kind', set({ CodeLength: 'five' }), 'INVALID_SPEC', /CodeLength/],
    ['no code length', set({ CodeLength: undefined }), 'INVALID_SPEC', /CodeLength is missing/],
    ['other widths', set({ network: { dims: [24, 20, 24, 32] } }), 'SHAPE_MISMATCH', /lin3\.bias has shape \[24\].*\[32\]/],
    ['fewer layers', set({ network: { dims: [24, 20, 24] } }), 'SHAPE_MISMATCH', /lin3/],
    ['more layers', set({ network: { dims: [24, 20, 24, 24, 24] } }), 'SHAPE_MISMATCH', /lin4/],
    ['no JSON', () => importWith({ specs: '{' }), 'INVALID_SPEC', /not JSON/],
  ])('%s', (_, load, code, message) => {
    expect(load).toThrowError(refused(code, message));
  });

  it('an encoded point without a word on how, saying what to write', () => {
    const encoded = randomShapes({ fourierOctaves: 2, dims: [32, 40, 32] });
    const files = formatExperiment(encoded);
    const silent = specsWith(files.specs, { NeuralSdf: undefined });
    expect(() => readExperiment({ ...files, specs: silent })).toThrowError(refused('SHAPE_MISMATCH', /"FourierOctaves": 2/));
  });

  it('weights that are not finite', () => {
    const bad = new Map(parameters);
    const bias = parameters.get('module.lin2.bias') as FloatTensor;
    bad.set('module.lin2.bias', { ...bias, data: bias.data.with(3, Number.POSITIVE_INFINITY) });
    expect(() => importWith({ parameters: zip(bad) })).toThrowError(refused('NOT_FINITE', /layer 2/));
  });

  it('what concerns training alone passes', () => {
    const network = { dropout: [0, 1], dropout_prob: 0.2, latent_dropout: true };
    const specs = specsWith(exported.specs, { network, GradientClipNorm: 1, NeuralSdf: { Loss: 'saturated-l1', Eikonal: {} } });
    expect(parseExperimentSpecs(specs).spec).toEqual(parseExperimentSpecs(exported.specs).spec);
  });
});

describe('maurock/DeepSDF', () => {
  const settings =
    "clamp_value: 0.05\nepochs: 300\ninner_dim: 24\nlatent_size: 5\nnum_layers: 8\npretrain_weights: ''\nskip_connections: true\n";
  const spec: Partial<DecoderSpec> = { dims: Array(7).fill(24), latentIn: [4], normLayers: [], weightNorm: false };
  const { decoder } = randomShapes(spec);
  const names = ['net.0.0', 'net.1.0', 'net.2.0', 'skip_layer.0', 'net.3.0', 'net.4.0', 'net.5.0', 'final_layer.0'];
  const weights = writeSafetensors(
    new Map(
      decoder.layers.flatMap(({ weight, bias }, i) => [
        [`${names[i]}.weight`, { shape: [bias.length, weight.length / bias.length], data: Float32Array.from(weight) }],
        [`${names[i]}.bias`, { shape: [bias.length], data: Float32Array.from(bias) }],
      ]),
    ),
  );
  const codes = Float32Array.from({ length: 10 }, (_, i) => i / 10);

  it('is our decoder with a skip, under other names', () => {
    const run = readMaurockRun({ settings, weights, results: numpyResults(codes, 2, 5) });
    sameDecoder(run.decoder, decoder);
    expect(run.latents).toEqual([codes.slice(0, 5), codes.slice(5)]);
    expect(run.delta).toBe(0.05);
  });

  it('refuses settings that are none', () => {
    const load = (text: string) => () => readMaurockRun({ settings: text, weights, results: numpyResults(codes, 2, 5) });
    expect(load(settings.replace('inner_dim: 24', 'inner_dim: 1e9'))).toThrowError(refused('INVALID_SPEC', /inner_dim/));
    expect(load(settings.replace('0.05', '-1'))).toThrowError(refused('INVALID_SPEC', /clamp_value/));
    expect(load(settings.replace('num_layers: 8', 'num_layers: 9'))).toThrowError(refused('CHECKPOINT_INVALID', /missing/));
  });
});

it('the legacy container holds what it is given, in whatever order its storages come', () => {
  const pickle = new PickleWriter();
  const view = (key: string) => ({ key, type: 'FloatStorage', elements: 1, offset: 0, shape: [1], strides: [1] });
  pickle.dict([
    ['b', () => writeView(pickle, view('2'))],
    ['a', () => writeView(pickle, view('1'))],
  ]);
  const file = legacyFile(pickle.finish(), { 2: [1, floatBytes(Float32Array.of(20))], 1: [1, floatBytes(Float32Array.of(10))] });
  const root = readTorchFile(file) as PickleDict;
  expect(root).toBeInstanceOf(PickleDict);
  expect(['a', 'b'].map((key) => (root.get(key) as StoredTensor).toFloat32()[0])).toEqual([10, 20]);
});
