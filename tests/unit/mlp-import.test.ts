import { readFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { parseMlpSpec } from '../../src/asset/mlp/mlp-spec.js';
import { readMlp } from '../../src/asset/mlp/read-mlp.js';
import { formatNpy } from '../../src/dataset/npy.js';
import { writeNpz } from '../../src/dataset/npz.js';
import { referenceDistance } from '../../src/decoder/reference.js';
import { multiplyAddsPerEvaluation } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';
import { describePerceptron, type Perceptron, randomPerceptron, TENSOR_FILES, transposedTensors } from '../support/mlp-files.js';

const refused = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

const siren: Perceptron = { widths: [24, 24], inputs: [['point'], ['hidden'], ['hidden']], activation: 'sine', scales: [30, 30] };
const ROOT_HALF = Math.SQRT1_2;

interface Case {
  readonly mlp: Perceptron;
  readonly more?: object;
  readonly file?: string;
  readonly transposed?: boolean;
  /** What the description says on top of the perceptron. */
  readonly center?: readonly number[];
  readonly halfSize?: number;
  readonly sign?: number;
  readonly scale?: number;
  readonly bias?: number;
  readonly row?: number;
}

const cases: Record<string, Case> = {
  SIREN: { mlp: siren },
  'SIREN, other frequencies in the first layer and the last': {
    mlp: { ...siren, widths: [24, 20, 16], inputs: [...siren.inputs, ['hidden']], scales: [60, 30, 17] },
  },
  'ELU with codes, latent first': {
    mlp: { widths: [20, 24], inputs: [['latent', 'point'], ['hidden'], ['hidden']], activation: 'elu', scales: [1.3, 1.3], codeLength: 4 },
    file: 'safetensors',
  },
  'ReLU, point first, skip with both, positive inside': {
    mlp: {
      widths: [20, 18, 22],
      inputs: [['point', 'latent'], ['hidden'], ['point', 'hidden', 'latent'], ['hidden']],
      activation: 'relu',
      scales: [1, 1, 1],
      codeLength: 3,
    },
    more: { output: { inside: 'positive' } },
    sign: -1,
    file: 'pth',
  },
  'softplus as in IGR: skip over the root of 2, sharpness by layer': {
    mlp: {
      widths: [20, 18, 22],
      inputs: [['point'], ['hidden'], ['hidden', 'point'], ['hidden']],
      inputScales: [1, 1, ROOT_HALF, 1],
      activation: 'softplus',
      scales: [100, 50, 5],
    },
  },
  'latent in some layers without the point': {
    mlp: {
      widths: [20, 18, 22],
      inputs: [['point'], ['latent', 'hidden'], ['hidden'], ['hidden', 'latent']],
      activation: 'sine',
      scales: [10, 10, 10],
      codeLength: 2,
    },
  },
  'weights [inputs, outputs], a box, one output of several, scaled and shifted': {
    mlp: { ...siren, outputs: 3 },
    transposed: true,
    more: { weights: 'in-out', box: { center: [0.1, -0.2, 0.3], halfSize: 0.4 }, output: { row: 2, scale: 1.7, bias: -0.05 } },
    center: [0.1, -0.2, 0.3],
    halfSize: 0.4,
    scale: 1.7,
    bias: -0.05,
    row: 2,
  },
  "NeRF's encoding without pi, in a box off the origin": {
    mlp: {
      widths: [20, 20],
      inputs: [['point'], ['hidden', 'point'], ['hidden']],
      activation: 'relu',
      scales: [1, 1],
      octaves: 3,
      frequency: 1,
    },
    more: { box: { center: [0.5, 0.25, -1], halfSize: 6.2831853 } },
    center: [0.5, 0.25, -1],
    halfSize: 2 * Math.PI,
  },
  'an encoding alone, tanh, positive inside': {
    mlp: {
      widths: [20, 20],
      inputs: [['point'], ['hidden'], ['hidden']],
      activation: 'elu',
      scales: [1, 1],
      octaves: 2,
      encodesPoint: false,
      tanh: true,
    },
    more: { output: { tanh: true, inside: 'positive' } },
    sign: -1,
  },
};

describe('a plain MLP', () => {
  it.each(Object.entries(cases))('gives what its formula gives: %s', (_, { mlp, more, file = 'npz', transposed, ...fold }) => {
    const { center = [0, 0, 0], halfSize = 1, sign = 1, scale = 1, bias = 0, row } = fold;
    const { tensors, evaluate } = randomPerceptron(mlp, 3);
    const stored = TENSOR_FILES[file](transposed ? transposedTensors(tensors) : tensors);
    const { decoder, latents, normalization } = readMlp({ spec: describePerceptron(mlp, more), tensors: stored });
    expect(latents).toHaveLength(mlp.codeLength ? 2 : 1);
    const random = new Random(9);
    let [largest, worst] = [0, 0];
    for (let i = 0; i < 500; i++) {
      const latent = latents[i % latents.length];
      const point = [0, 1, 2].map(() => random.range(-1, 1));
      const theirs = point.map((value, axis) => center[axis] + halfSize * value);
      const expected = (sign * (scale * evaluate(theirs, latent, row) + bias)) / halfSize;
      largest = Math.max(largest, Math.abs(expected));
      worst = Math.max(worst, Math.abs(referenceDistance(decoder, latent, point) - expected));
      // original = point / scale - offset
      const back = point.map((value, axis) => value / normalization.scale - normalization.offset[axis]);
      back.forEach((value, axis) => void expect(value).toBeCloseTo(theirs[axis], 6));
    }
    expect(largest).toBeGreaterThan(0.1);
    expect(worst / largest).toBeLessThan(1e-5);
  });

  it('keeps its bits where nothing is folded', () => {
    const { tensors } = randomPerceptron(siren, 3);
    const { decoder } = readMlp({ spec: describePerceptron(siren), tensors: TENSOR_FILES.npz(tensors) });
    expect(decoder.layers[1].weight).toEqual(tensors.get('w1')?.data);
    expect(decoder.layers[1].bias).toEqual(tensors.get('b1')?.data);
    expect(decoder.spec).toMatchObject({ activation: 'sine', activationScale: 30, codeLength: 1, latentIn: [], outputTanh: false });
    expect(multiplyAddsPerEvaluation(decoder.spec)).toBe(24 * 3 + 24 * 24 + 24);
  });

  it('costs nothing for a latent code that enters again, once folded', () => {
    const { mlp } = cases['latent in some layers without the point'];
    const { tensors } = randomPerceptron(mlp, 3);
    const { decoder } = readMlp({ spec: describePerceptron(mlp), tensors: TENSOR_FILES.npz(tensors) });
    expect(multiplyAddsPerEvaluation(decoder.spec)).toBe(20 * 3 + 18 * 20 + 22 * 18 + 22);
  });

  it('may be weight-normalised, without biases, and have codes as older DeepSDF wrote them', () => {
    const mlp: Perceptron = { ...siren, inputs: [['latent', 'point'], ['hidden'], ['hidden']], codeLength: 3 };
    const { tensors, evaluate } = randomPerceptron(mlp, 4);
    const w1 = tensors.get('w1')!;
    const g = Float32Array.from({ length: 24 }, (_, row) => 2 * Math.hypot(...w1.data.subarray(24 * row, 24 * row + 24)));
    tensors.set('g1', { shape: [24, 1], data: g });
    tensors.set('codes', { shape: [2, 1, 3], data: tensors.get('codes')!.data });
    tensors.set('steps', { shape: [1], data: Float32Array.of(7) });
    const spec = JSON.parse(describePerceptron(mlp, { shapes: ['a', 'b'], unused: ['steps', 'b0'], delta: 0.05 }));
    spec.layers[1].weight = ['g1', 'w1'];
    delete spec.layers[0].bias;
    const { decoder, latents, names, delta } = readMlp({ spec: JSON.stringify(spec), tensors: TENSOR_FILES.safetensors(tensors) });
    expect({ names, delta }).toEqual({ names: ['a', 'b'], delta: 0.05 });
    w1.data.set(w1.data.map((value) => 2 * value));
    tensors.get('b0')!.data.fill(0);
    expect(referenceDistance(decoder, latents[1], [0.1, 0.2, 0.3])).toBeCloseTo(evaluate([0.1, 0.2, 0.3], latents[1]), 5);
  });

  it('reads NumPy arrays in Fortran order, of 16 and 64 bits, compressed', () => {
    const { tensors } = randomPerceptron(siren, 3);
    const rewritten = (name: string, change: (header: string) => string, data: Uint8Array) => {
      const header = change(
        Buffer.from(formatNpy(tensors.get(name)!))
          .subarray(0, 128)
          .toString('latin1'),
      );
      return [`${name}.npy`, new Uint8Array(Buffer.concat([Buffer.from(header, 'latin1'), data]))];
    };
    const w1 = tensors.get('w1')!.data;
    const columns = Float64Array.from(w1, (_, i) => w1[(i % 24) * 24 + Math.floor(i / 24)]);
    const halves = new Uint8Array(2 * 24).fill(0x3c, 1, 2);
    const files = Object.fromEntries([
      ...[...tensors].map(([name, tensor]) => [`${name}.npy`, formatNpy(tensor)]),
      rewritten('w1', (header) => header.replace('<f4', '<f8').replace('False', 'True '), new Uint8Array(columns.buffer)),
      rewritten('b1', (header) => header.replace('<f4', '<f2'), halves),
    ]);
    const { decoder } = readMlp({ spec: describePerceptron(siren), tensors: zipSync(files, { level: 9 }) });
    expect(decoder.layers[1].weight).toEqual(w1);
    expect([...decoder.layers[1].bias.slice(0, 2)]).toEqual([1, 0]);
  });
});

it('the examples of assets/MLP.md are valid', () => {
  const examples = [...readFileSync('assets/MLP.md', 'utf8').matchAll(/```json\n(.*?)```/gs)].map(([, text]) => parseMlpSpec(text));
  expect(examples.map(({ activation }) => activation)).toEqual(['sine', 'softplus']);
});

describe('refused by name', () => {
  const { tensors } = randomPerceptron(siren, 3);
  const file = TENSOR_FILES.npz(tensors);
  const spec = JSON.parse(describePerceptron(siren));
  const layer = (index: number, change: object) => ({
    layers: spec.layers.map((one: object, i: number) => (i === index ? { ...one, ...change } : one)),
  });
  const without = (name: string) => new Map([...tensors].filter(([key]) => key !== name));

  it.each<[string, object, string, RegExp]>([
    ['no activation', { activation: undefined }, 'INVALID_SPEC', /activation must be relu, sine/],
    ['another activation', { activation: 'gelu' }, 'INVALID_SPEC', /activation is "gelu"/],
    ['no layers', { layers: undefined }, 'INVALID_SPEC', /layers is missing/],
    ['one layer', { layers: spec.layers.slice(2) }, 'INVALID_SPEC', /layers must list 2 to/],
    ['layers without end', { layers: Array(1000).fill(spec.layers[1]) }, 'INVALID_SPEC', /layers must list 2 to/],
    ['a field that it does not know', { omega: 30 }, 'INVALID_SPEC', /omega is not known/],
    ['one of a layer', layer(1, { activation: 'relu' }), 'INVALID_SPEC', /layers\[1\]\.activation is not known/],
    ['a scale after the last layer', layer(2, { scale: 30 }), 'INVALID_SPEC', /layers\[2\]\.scale is not known/],
    ['a scale of ReLU', { activation: 'relu' }, 'INVALID_SPEC', /layers\[0\]\.scale must be 1/],
    ['two scales of ELU', { activation: 'elu', scale: 1 }, 'INVALID_SPEC', /layers\[0\]\.scale must be the same/],
    ['a negative scale', layer(1, { scale: -1 }), 'INVALID_SPEC', /layers\[1\]\.scale is -1/],
    ['a layer before the first', layer(0, { inputs: ['hidden'] }), 'INVALID_SPEC', /layers\[0\]\.inputs cannot hold 'hidden'/],
    ['a layer without the one before', layer(1, { inputs: ['point'] }), 'INVALID_SPEC', /layers\[1\]\.inputs must hold 'hidden'/],
    ['an input twice', layer(1, { inputs: ['hidden', 'hidden'] }), 'INVALID_SPEC', /layers\[1\]\.inputs/],
    ['a latent without codes', layer(0, { inputs: ['latent', 'point'] }), 'INVALID_SPEC', /there are no codes/],
    ['codes that nothing takes', { codes: 'w0' }, 'INVALID_SPEC', /take the latent nowhere/],
    ['a point that nothing takes', { codes: 'w1', ...layer(0, { inputs: ['latent'] }) }, 'INVALID_SPEC', /take the point nowhere/],
    ['a point of nothing', { encoding: { point: false } }, 'INVALID_SPEC', /encoding\.point/],
    ['half an octave', { encoding: { octaves: 0.5 } }, 'INVALID_SPEC', /encoding\.octaves/],
    ['an encoding that model units do not fit', { encoding: { octaves: 2, frequency: 1 } }, 'INVALID_SPEC', /box\.halfSize of 3\.14159/],
    ['a scaled tanh', { output: { tanh: true, scale: 2 } }, 'INVALID_SPEC', /after a tanh/],
    ['a tanh in a box', { output: { tanh: true }, box: { halfSize: 2 } }, 'INVALID_SPEC', /after a tanh/],
    ['a row that is not there', { output: { row: 1 } }, 'INVALID_SPEC', /has 1 rows/],
    ['a box of no size', { box: { halfSize: 0 } }, 'INVALID_SPEC', /box\.halfSize is 0/],
    ['a flat box', { box: { center: [0, 0] } }, 'INVALID_SPEC', /box\.center/],
    ['names for other shapes', { shapes: ['a', 'b'] }, 'INVALID_SPEC', /lists 2 names, there are 1/],
    ['a tensor that is not there', layer(1, { weight: 'W1' }), 'CHECKPOINT_INVALID', /no tensor 'W1'; there are: w0, b0/],
    ['a bias for a weight', layer(1, { weight: 'b1' }), 'SHAPE_MISMATCH', /b1 has shape \[24\]/],
    ['a weight of another layer', layer(1, { weight: 'w2' }), 'SHAPE_MISMATCH', /b1 has shape \[24\], .* 1 values/],
    ['the other order', { weights: 'in-out' }, 'SHAPE_MISMATCH', /b0 has shape/],
    [
      'inputs of another length',
      layer(1, { inputs: ['hidden', 'point'] }),
      'SHAPE_MISMATCH',
      /layer 1: .* 24 x 24, .* hidden 24 \+ point 3/,
    ],
  ])('%s', (_, change, code, message) => {
    expect(() => readMlp({ spec: JSON.stringify({ ...spec, ...change }), tensors: file })).toThrowError(refused(code, message));
  });

  it.each<[string, Uint8Array, string, RegExp]>([
    [
      'a tensor too many',
      writeNpz({ ...Object.fromEntries(tensors), extra: tensors.get('b0')! }),
      'ASSET_UNSUPPORTED',
      /does not mention: extra/,
    ],
    ['a tensor too few', TENSOR_FILES.pth(without('b2')), 'CHECKPOINT_INVALID', /no tensor 'b2'/],
    [
      'weights that are no numbers',
      TENSOR_FILES.npz(new Map([...tensors, ['w1', { shape: [24, 24], data: new Float32Array(576).fill(Number.NaN) }]])),
      'NOT_FINITE',
      /layer 1: weight\[0\]/,
    ],
    ['an archive of text', zipSync({ 'a.txt': new Uint8Array(3) }), 'CHECKPOINT_INVALID', /data\.pkl/],
    ['text', new TextEncoder().encode('hello, world'), 'CHECKPOINT_INVALID', /neither/],
    [
      'arrays of text',
      zipSync({
        'w0.npy': Buffer.from(
          Buffer.from(formatNpy(tensors.get('b0')!))
            .toString('latin1')
            .replace('<f4', '<U4'),
          'latin1',
        ),
      }),
      'CHECKPOINT_INVALID',
      /array w0\.npy is of a type/,
    ],
  ])('%s', (_, bytes, code, message) => {
    expect(() => readMlp({ spec: JSON.stringify(spec), tensors: bytes })).toThrowError(refused(code, message));
  });

  it('a weight of endless rows and no columns, before its biases are made', () => {
    const header = JSON.stringify({ w0: { dtype: 'F32', shape: [2 ** 50, 0], data_offsets: [0, 0] } });
    const empty = new Uint8Array(8 + header.length);
    empty[0] = header.length;
    empty.set(new TextEncoder().encode(header), 8);
    expect(() => readMlp({ spec: JSON.stringify({ ...spec, ...layer(0, { bias: undefined }) }), tensors: empty })).toThrowError(
      refused('SHAPE_MISMATCH', /two dimensions/),
    );
  });

  it('a description that is no JSON, or endless', () => {
    expect(() => readMlp({ spec: '{', tensors: file })).toThrowError(refused('INVALID_SPEC', /MLP spec is not JSON/));
    expect(() => readMlp({ spec: '[]', tensors: file })).toThrowError(refused('INVALID_SPEC', /not an object/));
    expect(() => readMlp({ spec: ' '.repeat(2 << 20), tensors: file })).toThrowError(refused('INVALID_SPEC', /characters/));
  });
});
