import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { initializeDecoder } from '../../src/decoder/decoder.js';
import { foldBiases, foldDecoder } from '../../src/decoder/folding.js';
import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';
import { bakeDecoder } from '../../src/gpu/bake-decoder.js';
import { measureKinkWidths } from '../../src/gpu/kink-widths.js';
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
    ['skip, tanh', {}, ['59ed3dd36912589e', '6909896e31b5d646', '8e2b3301dce9647c']],
    ['point in all', { outputTanh: false, xyzInAll: true }, ['d7fc4c097b488d04', '44e95be237b08150', 'c096d7e917ebe7b6']],
    ['octaves', { latentIn: [], latentInAll: true, fourierOctaves: 2 }, ['69094232b1fc95d6', 'a84e0475ba66cbe7', 'bb42da4da9f3cc98']],
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
