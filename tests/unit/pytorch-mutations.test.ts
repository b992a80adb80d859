import { describe, expect, it } from 'vitest';
import { readExperiment } from '../../src/asset/experiment.js';
import { formatExperiment } from '../../src/asset/experiment-export.js';
import { latentsOf } from '../../src/asset/experiment-latents.js';
import { readMlp } from '../../src/asset/mlp/read-mlp.js';
import { readNumpyObject } from '../../src/asset/pytorch/numpy-object.js';
import type { PickleDict } from '../../src/asset/pytorch/pickle-values.js';
import { readTorchFile } from '../../src/asset/pytorch/read-torch-file.js';
import type { StoredTensor } from '../../src/asset/pytorch/tensor.js';
import { entryOf } from '../../src/asset/pytorch/torch-globals.js';
import { writeSafetensors } from '../../src/asset/safetensors.js';
import { NeuralSdfError } from '../../src/errors.js';
import { Random } from '../../src/random.js';
import { describePerceptron, type Perceptron, randomPerceptron, TENSOR_FILES } from '../support/mlp-files.js';
import { legacyStateDict, numpyResults, randomShapes } from '../support/torch-files.js';

/** What a header that lies says: the values at which signs, widths and multiplications break. */
const LIES = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];

const exported = formatExperiment(randomShapes({ codeLength: 3, dims: [12, 10, 12], latentIn: [2] }));
const parameters = (() => {
  const state = (readTorchFile(exported.parameters) as PickleDict).get('model_state_dict') as PickleDict;
  return new Map(
    [...state.entries].map(([name, tensor]) => [
      name as string,
      { shape: (tensor as StoredTensor).shape, data: (tensor as StoredTensor).toFloat32() },
    ]),
  );
})();
const withParameters = (file: Uint8Array) => void readExperiment({ ...exported, parameters: file });
const layerNormed = formatExperiment(randomShapes({ codeLength: 3, dims: [12, 10, 12], latentIn: [2], weightNorm: false }));
const perceptron: Perceptron = {
  widths: [12, 10],
  inputs: [['latent', 'point'], ['hidden', 'point'], ['hidden']],
  activation: 'sine',
  scales: [30, 20],
  codeLength: 3,
};
const { tensors } = randomPerceptron(perceptron, 1);
const description = describePerceptron(perceptron, { box: { center: [0, 0.5, 0], halfSize: 2 }, output: { inside: 'positive' } });
const asPerceptron = (file: Uint8Array) => void readMlp({ spec: description, tensors: file });
/** A file of each kind, and what reads it. */
const kinds: Record<string, readonly [Uint8Array, (file: Uint8Array) => void]> = {
  'parameters, zip': [exported.parameters, withParameters],
  'parameters, legacy': [legacyStateDict('model_state_dict', parameters), withParameters],
  'parameters, safetensors': [writeSafetensors(parameters), withParameters],
  'parameters with layer norm': [layerNormed.parameters, (file) => void readExperiment({ ...layerNormed, parameters: file })],
  'latent codes': [exported.latents, (file) => void readExperiment({ ...exported, latents: file })],
  'results of NumPy': [
    numpyResults(new Float32Array(12), 4, 3),
    (file) => void latentsOf(entryOf(readNumpyObject(file), 'best_latent_codes') ?? null, 3),
  ],
  'an MLP, npz': [TENSOR_FILES.npz(tensors), asPerceptron],
  'an MLP, safetensors': [TENSOR_FILES.safetensors(tensors), asPerceptron],
};
/** Descriptions of each kind, and what reads them. */
const descriptions: Record<string, readonly [string, (text: string) => void]> = {
  "an experiment's": [exported.specs, (specs) => void readExperiment({ ...exported, specs })],
  "an MLP's": [description, (spec) => void readMlp({ spec, tensors: TENSOR_FILES.npz(tensors) })],
};
const FILES_EACH = 500;

/** Flipped bytes, a cut, a lie in a length or offset, a piece copied to elsewhere; the pickle and the headers are hit more than the data. */
function mutate(original: Uint8Array, random: Random): Uint8Array {
  const bytes = original.slice();
  // Headers are at the front, and in a zip at the back.
  const place = () => {
    const near = Math.min(bytes.length, 1500);
    const where = random.uniform();
    return where < 0.5 ? random.index(near) : where < 0.75 ? bytes.length - 1 - random.index(near) : random.index(bytes.length);
  };
  const kind = random.index(5);
  if (kind === 0) return bytes.slice(0, random.index(bytes.length));
  if (kind === 1) {
    const view = new DataView(bytes.buffer);
    const at = Math.min(place(), bytes.length - 8);
    const lie = LIES[random.index(LIES.length)];
    const width = random.index(4);
    if (width === 0) view.setUint8(at, lie);
    else if (width === 1) view.setUint16(at, lie, true);
    else if (width === 2) view.setUint32(at, lie, true);
    else view.setBigUint64(at, BigInt(lie) << BigInt(random.index(33)), true);
    return bytes;
  }
  if (kind === 2) {
    const from = random.index(bytes.length);
    bytes.copyWithin(place(), from, from + random.index(200));
    return bytes;
  }
  for (let i = random.index(8); i >= 0; i--) bytes[place()] = random.index(256);
  return bytes;
}

/** What a field that lies says. */
const WRONG = [null, true, -1, 0, 0.5, 1e9, 1e308, 2 ** 53, 'x', 'w0', '__proto__', [], [1e9], [[]], {}, { length: 1e9 }];

/** Some values of a JSON document, at any depth, replaced, dropped, or copied to where others were. */
function mutateJson(text: string, random: Random): string {
  const root = JSON.parse(text);
  for (let i = random.index(3); i >= 0; i--) {
    const places: (readonly [Record<string, unknown>, string])[] = [];
    const visit = (value: unknown) => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, child] of Object.entries(value)) {
        places.push([value as Record<string, unknown>, key]);
        visit(child);
      }
    };
    visit(root);
    const [holder, key] = places[random.index(places.length)];
    const [other, otherKey] = places[random.index(places.length)];
    const kind = random.index(3);
    if (kind === 0) holder[key] = WRONG[random.index(WRONG.length)];
    else if (kind === 1) delete holder[key];
    else holder[key] = structuredClone(other[otherKey]);
  }
  return JSON.stringify(root);
}

/** Reads many mutations of something: typed errors or a result, none slow, none large. */
function readMutations<T>(mutated: (random: Random) => T, read: (file: T) => void): void {
  const random = new Random(17);
  let passed = 0;
  const before = process.memoryUsage().rss;
  let [slowest, largest] = [0, 0];
  for (let i = 0; i < FILES_EACH; i++) {
    const file = mutated(random);
    const started = process.cpuUsage();
    try {
      read(file);
      passed++;
    } catch (error) {
      if (!(error instanceof NeuralSdfError)) throw new Error(`file ${i}`, { cause: error });
    }
    slowest = Math.max(slowest, process.cpuUsage(started).user / 1000);
    largest = Math.max(largest, process.memoryUsage().rss - before);
  }
  // Milliseconds of processor time.
  expect(slowest).toBeLessThan(500);
  // Files of 8 kB at most: what is not collected yet stays well below what a header that is believed would take.
  expect(largest).toBeLessThan(128 << 20);
  // A reader that refuses everything, or nothing, would prove little.
  expect(passed).toBeGreaterThan(FILES_EACH / 50);
  expect(FILES_EACH - passed).toBeGreaterThan(FILES_EACH / 10);
}

describe.each(Object.entries(kinds))('%s', (_, [original, read]) => {
  it('whole, is read', () => {
    expect(() => read(original)).not.toThrow();
  });

  it(`in ${FILES_EACH} mutated files: typed errors or a result, none slow, none large`, () => {
    readMutations((random) => mutate(original, random), read);
  });
});

describe.each(Object.entries(descriptions))('%s description', (_, [original, read]) => {
  it('whole, is read', () => {
    expect(() => read(original)).not.toThrow();
  });

  it(`in ${FILES_EACH} mutated texts: typed errors or a result, none slow, none large`, () => {
    readMutations((random) => mutateJson(original, random), read);
  });
});
