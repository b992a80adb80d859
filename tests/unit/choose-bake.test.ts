import { describe, expect, it } from 'vitest';
import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';
import { type AdapterFacts, chooseBake } from '../../src/gpu/choose-bake.js';

const GPU: AdapterFacts = { isSoftware: false };
const SOFTWARE: AdapterFacts = { isSoftware: true };

const of = (dims: number[], change: Partial<DecoderSpec> = {}): DecoderSpec => ({
  ...DEFAULT_DECODER_SPEC,
  codeLength: 16,
  dims,
  latentIn: [],
  ...change,
});
const SMALL = of([64, 64, 64, 64]);
const MIDDLE = of([128, 128, 128, 128]);

describe('how a decoder is baked', () => {
  it.each<[string, DecoderSpec, AdapterFacts, string]>([
    ['a 4x64 on a GPU', SMALL, GPU, 'literals'],
    ['a 4x64 in software', SMALL, SOFTWARE, 'literals'],
    ['a 4x128 on a GPU', MIDDLE, GPU, 'buffer'],
    ['a 4x128 in software', MIDDLE, SOFTWARE, 'bricks'],
    ['a 4x128 of sines on a GPU', of([128, 128, 128, 128], { activation: 'sine', activationScale: 30 }), GPU, 'bricks'],
    ['a 4x128 with layer norm on a GPU', of([128, 128, 128, 128], { weightNorm: false, normLayers: [0, 1, 2, 3] }), GPU, 'bricks'],
    ["the paper's 8x512 on a GPU", DEFAULT_DECODER_SPEC, GPU, 'bricks'],
    ["the paper's 8x512 in software", DEFAULT_DECODER_SPEC, SOFTWARE, 'bricks'],
  ])('%s', (_, spec, adapter, form) => {
    const decision = chooseBake(spec, adapter);
    expect(decision.form).toBe(form);
    expect(decision.reason).toMatch(/^[^\n]{10,}$/);
  });

  it('takes any form that is asked for', () => {
    for (const form of ['literals', 'buffer', 'bricks'] as const) expect(chooseBake(SMALL, GPU, form).form).toBe(form);
  });

  it('refuses what the decoder or the word does not allow', () => {
    const sine = of([32, 32], { activation: 'sine', activationScale: 30 });
    expect(() => chooseBake(sine, GPU, 'buffer')).toThrow(expect.objectContaining({ code: 'DECODER_UNSUPPORTED' }));
    expect(() => chooseBake(SMALL, GPU, 'texture' as 'bricks')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
