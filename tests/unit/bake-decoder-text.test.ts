import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { initializeDecoder } from '../../src/decoder/decoder.js';
import { foldBiases, foldDecoder } from '../../src/decoder/folding.js';
import { measureKinkWidths } from '../../src/decoder/kink-widths.js';
import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';
import { bakeDecoder } from '../../src/gpu/bake-decoder.js';
import { Random } from '../../src/random.js';

const base: DecoderSpec = { ...DEFAULT_DECODER_SPEC, codeLength: 4, dims: [18, 23, 21], latentIn: [2] };
const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

function texts(spec: DecoderSpec) {
  const decoder = initializeDecoder(spec, new Random(5));
  const folded = foldDecoder(decoder);
  const kinkWidths = measureKinkWidths(folded, foldBiases(decoder, [0.1, 0.2, -0.3, 0.4]), 0.02);
  return [{}, { gradient: true }, { gradient: true, kinkWidths }].map((options) => bakeDecoder(folded, options).wgsl);
}

describe('the text of a baked decoder', () => {
  // A driver's cache knows shaders by their text, and measured compile times hold for these ones: a change is to be meant.
  it.each<[string, Partial<DecoderSpec>, string[]]>([
    ['skip, tanh', {}, ['f8398fc609fcc6d0', '679abf6f210e6471', '1901709a8f88b6d3']],
    ['point in all', { outputTanh: false, xyzInAll: true }, ['faf7c18bc6f38e38', 'ba15a35ce02b8af6', 'b0b1d900a4fb2da9']],
    ['octaves', { latentIn: [], latentInAll: true, fourierOctaves: 2 }, ['e2f0ced4e0b1db90', 'd3472ef8f28c6d77', 'b6764ab18a44b4ba']],
  ])('is what it was for a ReLU decoder: %s', (_, change, expected) => {
    expect(texts({ ...base, ...change }).map(digest)).toEqual(expected);
  });

  it.each(['sine', 'softplus', 'elu'] as const)('has no kinks to blur with %s', (activation) => {
    const spec = { ...base, activation, activationScale: 2 };
    const folded = foldDecoder(initializeDecoder(spec, new Random(5)));
    expect(measureKinkWidths(folded, new Float32Array(folded.biasCount), 0.02)).toBeUndefined();
    expect(texts(spec)[2]).not.toContain('clamp(');
  });
});
