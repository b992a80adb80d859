import { describe, expect, it } from 'vitest';
import { createDecoder, type Decoder, type FloatArray, initializeDecoder } from '../../src/decoder/decoder.js';
import { PlainEvaluator } from '../../src/decoder/evaluator.js';
import { foldBiases, foldDecoder } from '../../src/decoder/folding.js';
import { referenceDistance, referenceGradient, referenceSample, zeroGradients } from '../../src/decoder/reference.js';
import { DEFAULT_DECODER_SPEC, type DecoderSpec, multiplyAddsPerEvaluation, planLayers } from '../../src/decoder/spec.js';
import { NeuralSdfError } from '../../src/errors.js';
import { Random } from '../../src/random.js';
import { LAYER_TYPES, relativeToLargest } from '../support/layer-types.js';

const base: DecoderSpec = { ...DEFAULT_DECODER_SPEC, codeLength: 5, dims: [24, 24, 24, 24], latentIn: [2] };

/** float64 weights, so that a step of 1e-6 differentiates to 1e-9. */
function doubleDecoder(spec: DecoderSpec, random: Random): Decoder {
  const { layers } = initializeDecoder(spec, random);
  // Gains other than 1 and shifts other than 0, so that a mistake in either shows.
  const layerNorm = (count: number) => ({
    gain: Float64Array.from({ length: count }, () => random.range(0.5, 1.5)),
    shift: Float64Array.from({ length: count }, () => random.range(-0.5, 0.5)),
  });
  return {
    spec,
    layers: layers.map((l) => ({
      weight: Float64Array.from(l.weight),
      bias: Float64Array.from(l.bias),
      ...(l.layerNorm && { layerNorm: layerNorm(l.bias.length) }),
    })),
  };
}

describe('layer plan', () => {
  it("narrows the layer before the skip as the paper's decoder does", () => {
    const plans = planLayers(DEFAULT_DECODER_SPEC);
    expect(plans.map((p) => [p.inputs, p.outputs])).toEqual([
      [259, 512],
      [512, 512],
      [512, 512],
      [512, 253],
      [512, 512],
      [512, 512],
      [512, 512],
      [512, 512],
      [512, 1],
    ]);
    expect(multiplyAddsPerEvaluation(DEFAULT_DECODER_SPEC)).toBe(3 * 512 + 512 * 512 * 2 + 512 * 253 + 256 * 512 + 3 * 512 * 512 + 512);
  });

  it.each([
    ['codeLength', { codeLength: 0 }],
    ['dims', { dims: [] }],
    ['dims', { dims: [8, 8], latentIn: [1], codeLength: 6 }],
    ['latentIn', { latentIn: [9] }],
    ['fourierOctaves', { fourierOctaves: 99 }],
  ])('refuses a bad %s by name', (field, change) => {
    expect(() => planLayers({ ...base, ...change })).toThrowError(
      expect.objectContaining({ code: 'INVALID_SPEC', message: expect.stringContaining(field) }),
    );
  });
});

/** Those that differ in what is done while training only have one decoder in common. */
const specs = Object.entries(LAYER_TYPES).filter(([, type]) => !type.settings);

describe.each(specs)('reference gradients: %s', (_, { spec }) => {
  const random = new Random(7);
  const decoder = doubleDecoder(spec, random);
  const latent = Float64Array.from({ length: spec.codeLength }, () => random.normal() * 0.3);
  const points = Array.from({ length: 20 }, () => [random.range(-1, 1), random.range(-1, 1), random.range(-1, 1)]);
  const h = 1e-6;
  const differentiate = (target: Float64Array | number[], at: number, f: () => number) => {
    const before = target[at];
    target[at] = before + h;
    const up = f();
    target[at] = before - h;
    const down = f();
    target[at] = before;
    return (up - down) / (2 * h);
  };

  it('by point and by latent code agree with central differences to 1e-5', () => {
    for (const point of points) {
      const f = () => referenceDistance(decoder, latent, point);
      const gradient = referenceGradient(decoder, latent, point);
      expect(
        relativeToLargest(
          gradient.point,
          [0, 1, 2].map((i) => differentiate(point, i, f)),
        ),
      ).toBeLessThan(1e-5);
      expect(
        relativeToLargest(
          gradient.latent,
          [...latent.keys()].map((i) => differentiate(latent, i, f)),
        ),
      ).toBeLessThan(1e-5);
    }
  });

  it('by weight agree with central differences to 1e-5', () => {
    const into = zeroGradients(decoder);
    for (const point of points) referenceSample(decoder, latent, point).backward(1, into);
    const f = () => points.reduce((sum, point) => sum + referenceDistance(decoder, latent, point), 0);
    decoder.layers.forEach((layer, index) => {
      const tensors: [FloatArray, Float64Array][] = [
        [layer.weight, into[index].weight],
        [layer.bias, into[index].bias],
      ];
      const norm = into[index].layerNorm;
      if (layer.layerNorm && norm) tensors.push([layer.layerNorm.gain, norm.gain], [layer.layerNorm.shift, norm.shift]);
      for (const [values, gradient] of tensors) {
        const picked = Array.from({ length: Math.min(40, values.length) }, () => random.index(values.length));
        const numeric = picked.map((at) => differentiate(values as Float64Array, at, f));
        expect(
          relativeToLargest(
            picked.map((at) => gradient[at]),
            numeric,
          ),
        ).toBeLessThan(1e-5);
      }
    });
  });

  it('folding leaves the function unchanged', () => {
    const single = initializeDecoder(spec, new Random(3));
    const evaluator = new PlainEvaluator(single, latent);
    for (const p of points) expect(evaluator.distance(p[0], p[1], p[2])).toBeCloseTo(referenceDistance(single, latent, p), 5);
    expect(foldBiases(single, latent)).toHaveLength(foldDecoder(single).biasCount);
  });
});

describe('bad decoders and latents', () => {
  const decoder = initializeDecoder(base, new Random(1));

  it('names the layer that holds a NaN', () => {
    const layers = decoder.layers.map((l) => ({ weight: l.weight.slice(), bias: l.bias.slice() }));
    layers[2].bias[3] = Number.NaN;
    expect(() => createDecoder(base, layers)).toThrowError(
      expect.objectContaining({ code: 'NOT_FINITE', details: { layer: 2, name: 'bias', at: 3 } }),
    );
  });

  it('refuses tensors of the wrong length', () => {
    const layers = decoder.layers.map((l) => ({ weight: l.weight.subarray(1), bias: l.bias }));
    expect(() => createDecoder(base, layers)).toThrowError(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
  });

  it('refuses a latent code of the wrong length, or with a NaN', () => {
    expect(() => foldBiases(decoder, [1, 2])).toThrowError(expect.objectContaining({ code: 'LATENT_LENGTH' }));
    expect(() => foldBiases(decoder, [1, 2, Number.NaN, 4, 5])).toThrowError(NeuralSdfError);
  });
});
