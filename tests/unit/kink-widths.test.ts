import { describe, expect, it } from 'vitest';
import { initializeDecoder } from '../../src/decoder/decoder.js';
import { foldBiases, foldDecoder } from '../../src/decoder/folding.js';
import { measureKinkWidths } from '../../src/decoder/kink-widths.js';
import { referenceGradient } from '../../src/decoder/reference.js';
import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';

const base: DecoderSpec = { ...DEFAULT_DECODER_SPEC, codeLength: 2, dims: [12, 16, 12], latentIn: [2], outputTanh: false };
const latent = [0.3, -0.2];

describe('kink widths', () => {
  it.each<[string, Partial<DecoderSpec>]>([
    ['weight norm', {}],
    ['octaves', { dims: [24, 26, 24], fourierOctaves: 1, xyzInAll: true }],
    ['layer norm', { weightNorm: false, normLayers: [0, 2] }],
  ])('carry the gradient forward that the reference takes backward: %s', (_, change) => {
    const decoder = initializeDecoder({ ...base, ...change }, new Random(5));
    const folded = foldDecoder(decoder);
    // The points that it draws; the last layer's pre-activation is the distance itself.
    const random = new Random(1);
    const squares = Array.from({ length: 128 }, () => {
      const { point } = referenceGradient(
        decoder,
        latent,
        [0, 1, 2].map(() => random.range(-1, 1)),
      );
      return point[0] ** 2 + point[1] ** 2 + point[2] ** 2;
    });
    const expected = 2 * 0.02 * Math.sqrt(squares.reduce((sum, square) => sum + square) / squares.length);
    const widths = measureKinkWidths(folded, foldBiases(decoder, latent), 0.02);
    expect(widths?.map(({ length }) => length)).toEqual(folded.layers.map(({ outputs }) => outputs));
    expect((widths?.at(-1)?.[0] as number) / expected).toBeCloseTo(1, 5);
  });
});
