import { describe, expect, it } from 'vitest';
import { initializeDecoder } from '../../src/decoder/decoder.js';
import { PlainEvaluator } from '../../src/decoder/evaluator.js';
import { foldBiases, foldDecoder } from '../../src/decoder/folding.js';
import { measureKinkWidths } from '../../src/decoder/kink-widths.js';
import { referenceGradient } from '../../src/decoder/reference.js';
import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';
import { createWasmEvaluator } from '../../src/wasm/wasm-evaluator.js';
import { LAYER_TYPES, relativeToLargest } from '../support/layer-types.js';

const base: DecoderSpec = { ...DEFAULT_DECODER_SPEC, codeLength: 5, dims: [24, 24, 24, 24], latentIn: [2] };
const variants: Record<string, DecoderSpec> = {
  ...Object.fromEntries(Object.entries(LAYER_TYPES).flatMap(([name, { spec, settings }]) => (settings ? [] : [[name, spec]]))),
  'six octaves': { ...base, latentIn: [], fourierOctaves: 6 },
  'odd widths, skip, point in all, octave': {
    ...base,
    codeLength: 3,
    dims: [27, 33, 21, 30],
    latentIn: [3],
    xyzInAll: true,
    fourierOctaves: 1,
  },
  "the paper's": DEFAULT_DECODER_SPEC,
};

const pointsOf = (random: Random, count: number) => Float32Array.from({ length: 3 * count }, () => random.range(-1.5, 1.5));
const latentOf = (random: Random, spec: DecoderSpec) => Float32Array.from({ length: spec.codeLength }, () => random.normal() * 0.5);

const largestDifference = (a: Float32Array, b: Float32Array) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe.each(Object.entries(variants))('wasm evaluator: %s', (_, spec) => {
  const decoder = initializeDecoder(spec, new Random(3));
  // Weights as initialised shrink the distance with every layer: scaled up, an error has something to show in.
  for (const layer of decoder.layers) layer.weight.set(layer.weight.map((weight) => 1.7 * weight));
  const random = new Random(4);

  it('agrees with the plain evaluator to 1e-5 of 1 or the largest, for each latent code set', async () => {
    const count = spec.dims.length > 4 ? 300 : 8192 + 131;
    const points = pointsOf(random, count);
    const actual = new Float32Array(count);
    const expected = new Float32Array(count);
    const evaluator = await createWasmEvaluator(decoder, new Float32Array(spec.codeLength));
    for (let i = 0; i < 2; i++) {
      const latent = latentOf(random, spec);
      evaluator.setLatent(latent);
      evaluator.evaluate(points, actual);
      new PlainEvaluator(decoder, latent).evaluate(points, expected);
      expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.01);
      expect(relativeToLargest(actual, expected, 1)).toBeLessThan(1e-5);
    }
  });

  it.each(['plain', 'relaxed'] as const)('gradients by point agree with the float64 reference (%s)', async (variant) => {
    const count = 83;
    const points = pointsOf(random, count);
    const latent = latentOf(random, spec);
    const distances = new Float32Array(count);
    const gradients = new Float32Array(3 * count);
    (await createWasmEvaluator(decoder, latent, { variant })).evaluateGradient(points, distances, gradients);
    const expected = new Float32Array(count);
    const expectedGradients = new Float32Array(3 * count);
    for (let i = 0; i < count; i++) {
      const reference = referenceGradient(decoder, latent, points.subarray(3 * i, 3 * i + 3));
      expected[i] = reference.distance;
      expectedGradients.set(reference.point, 3 * i);
    }
    expect(relativeToLargest(distances, expected, 1)).toBeLessThan(1e-5);
    expect(Math.max(...expectedGradients)).toBeGreaterThan(0.01);
    expect(relativeToLargest(gradients, expectedGradients)).toBeLessThan(1e-4);
  });

  it.skipIf(spec.activation !== 'relu' || spec === DEFAULT_DECODER_SPEC)(
    'blurs the kinks of its gradients as the reference does, and leaves distances alone',
    async () => {
      const count = 83;
      const points = pointsOf(random, count);
      const latent = latentOf(random, spec);
      const kinkWidths = measureKinkWidths(foldDecoder(decoder), foldBiases(decoder, latent), 0.05);
      const [exact, blurred] = [new Float32Array(count), new Float32Array(count)];
      const gradients = new Float32Array(3 * count);
      (await createWasmEvaluator(decoder, latent)).evaluate(points, exact);
      const evaluator = await createWasmEvaluator(decoder, latent, { kinkWidths });
      evaluator.evaluate(points, blurred);
      expect(relativeToLargest(blurred, exact, 1)).toBeLessThan(1e-6);
      evaluator.evaluateGradient(points, blurred, gradients);
      expect(relativeToLargest(blurred, exact, 1)).toBeLessThan(1e-6);
      const reference = (widths?: Float32Array[]) =>
        Float32Array.from(
          Array.from(
            { length: count },
            (_, i) => referenceGradient(decoder, latent, points.subarray(3 * i, 3 * i + 3), widths).point,
          ).flat(),
        );
      expect(relativeToLargest(gradients, reference(kinkWidths))).toBeLessThan(1e-4);
      expect(relativeToLargest(gradients, reference())).toBeGreaterThan(1e-3);
    },
  );
});

describe('wasm evaluator', () => {
  const decoder = initializeDecoder(base, new Random(3));

  it('has tanh to 3e-7, near 0 and far out', async () => {
    const spec = { ...base, dims: [2], latentIn: [], codeLength: 1 };
    const slope = initializeDecoder(spec, new Random(1));
    // tanh(max(0, x) - max(0, -x)): nothing is rounded before tanh.
    slope.layers[0].weight.set([0, 1, 0, 0, 0, -1, 0, 0]);
    slope.layers[0].bias.fill(0);
    slope.layers[1].weight.set([1, -1]);
    slope.layers[1].bias.fill(0);
    const evaluator = await createWasmEvaluator(slope, [0]);
    const xs = Float32Array.of(-1e4, -90, -7, -1, -0.251, -0.249, -0.01, -1e-6, 0, 1e-6, 0.01, 0.249, 0.251, 0.5, 1, 7, 90, 1e4);
    const out = new Float32Array(xs.length);
    evaluator.evaluate(Float32Array.from([...xs].flatMap((x) => [x, 0, 0])), out);
    expect(largestDifference(out, xs.map(Math.tanh))).toBeLessThan(3e-7);
    expect([out[0], out[8], out[17]]).toEqual([-1, 0, 1]);
  });

  it('does not mix two evaluators up', async () => {
    const random = new Random(1);
    const points = pointsOf(random, 50);
    const latents = [latentOf(random, base), latentOf(random, base)];
    const evaluators = await Promise.all(latents.map((latent) => createWasmEvaluator(decoder, latent)));
    const out = latents.map(() => new Float32Array(50));
    for (const [i, evaluator] of evaluators.entries()) evaluator.evaluate(points, out[i]);
    latents.forEach((latent, i) => {
      const expected = new Float32Array(50);
      new PlainEvaluator(decoder, latent).evaluate(points, expected);
      expect(largestDifference(out[i], expected)).toBeLessThan(1e-5);
    });
  });

  it('refuses latent codes and arrays that do not fit', async () => {
    await expect(createWasmEvaluator(decoder, [1])).rejects.toMatchObject({ code: 'LATENT_LENGTH' });
    const evaluator = await createWasmEvaluator(decoder, new Float32Array(5));
    expect(() => evaluator.setLatent([1, 2, 3, 4, Number.NaN])).toThrowError(expect.objectContaining({ code: 'NOT_FINITE' }));
    expect(() => evaluator.evaluate(new Float32Array(6), new Float32Array(3))).toThrowError(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    );
  });
});
