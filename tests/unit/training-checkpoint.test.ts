import { describe, expect, it } from 'vitest';
import { DEFAULT_DECODER_SPEC } from '../../src/decoder/spec.js';
import { NeuralSdfError } from '../../src/errors.js';
import { Random } from '../../src/random.js';
import { parseCheckpoint, serializeCheckpoint, type TrainingCheckpoint } from '../../src/training/checkpoint.js';
import { crc32 } from '../../src/training/crc32.js';
import { digestSamples } from '../../src/training/digest-samples.js';
import { defaultTrainingSettings, engineSettings } from '../../src/training/settings.js';
import { initializeState } from '../../src/training/state.js';

function exampleCheckpoint(): TrainingCheckpoint {
  const spec = { ...DEFAULT_DECODER_SPEC, codeLength: 3, dims: [8, 8], latentIn: [] };
  const settings = { ...defaultTrainingSettings(spec), codeBound: Number.POSITIVE_INFINITY };
  const random = new Random(3);
  const state = initializeState(engineSettings(spec, settings, 4), 0.5, random);
  state.step = 17;
  // An odd count, so that the saved generator holds a spare normal: a double that must survive the file exactly.
  random.normal();
  return {
    identity: { spec, settings, seed: 3, shapeCount: 4, samples: '4 shapes' },
    state,
    batches: { random: random.save(), order: [2, 0, 3, 1], used: 3 },
    elapsedSeconds: 1.25,
    smoothedLoss: 0.1 + 0.2,
    smoothedBaseline: 0.7,
    best: { loss: 0.3, step: 12 },
  };
}

/** Writes another header into a checkpoint, with a checksum that fits. */
function withHeader(change: (header: { batches: { order: number[] }; step: unknown; identity: { spec: object } }) => void): Uint8Array {
  const bytes = serializeCheckpoint(exampleCheckpoint());
  const view = new DataView(bytes.buffer);
  const length = view.getUint32(16, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(20, 20 + length)));
  change(header);
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 4) * 4));
  const result = new Uint8Array(20 + json.length + bytes.length - 20 - length);
  result.set(bytes.subarray(0, 20));
  result.set(json, 20);
  result.set(bytes.subarray(20 + length), 20 + json.length);
  const resultView = new DataView(result.buffer);
  resultView.setUint32(16, json.length, true);
  resultView.setUint32(12, crc32(result.subarray(16)), true);
  return result;
}

function expectRefused(bytes: Uint8Array): void {
  expect(() => parseCheckpoint(bytes)).toThrowError(expect.objectContaining({ code: 'CHECKPOINT_INVALID' }));
}

describe('checkpoint file', () => {
  const checkpoint = exampleCheckpoint();
  const bytes = serializeCheckpoint(checkpoint);

  it('comes back as it was written, in the same bytes', () => {
    expect(parseCheckpoint(bytes)).toEqual(checkpoint);
    expect(serializeCheckpoint(parseCheckpoint(bytes))).toEqual(bytes);
  });

  it("reads from the middle of a larger buffer, as Node's readFile may give it", () => {
    const pool = Buffer.alloc(bytes.length + 13);
    pool.set(bytes, 7);
    expect(parseCheckpoint(pool.subarray(7, 7 + bytes.length))).toEqual(checkpoint);
  });

  it('is refused when truncated anywhere, or longer than it should be', () => {
    for (let length = 0; length < bytes.length; length += length < 800 ? 1 : 37) expectRefused(bytes.subarray(0, length));
    expectRefused(new Uint8Array([...bytes, 0, 0, 0, 0]));
  });

  it('is refused with any single byte changed', () => {
    const random = new Random(5);
    const places = [...Array.from({ length: 64 }, (_, i) => i), ...Array.from({ length: 500 }, () => random.index(bytes.length))];
    for (const at of places) {
      const mutated = bytes.slice();
      mutated[at] ^= 1 + random.index(255);
      expectRefused(mutated);
    }
  });

  it('never fails otherwise than typed on mutated headers whose checksum fits', () => {
    const random = new Random(6);
    for (let i = 0; i < 500; i++) {
      const mutated = bytes.slice();
      for (let count = 1 + random.index(3); count > 0; count--) mutated[16 + random.index(700)] = random.index(256);
      new DataView(mutated.buffer).setUint32(12, crc32(mutated.subarray(16)), true);
      try {
        parseCheckpoint(mutated);
      } catch (error) {
        expect(error).toBeInstanceOf(NeuralSdfError);
        expect((error as NeuralSdfError).code).toBe('CHECKPOINT_INVALID');
      }
    }
  });

  it('is refused when its header lies, whatever the checksum', () => {
    expect(parseCheckpoint(withHeader(() => {})).state.step).toBe(17);
    expectRefused(withHeader((header) => (header.step = -1)));
    expectRefused(withHeader((header) => Object.assign(header, { smoothedBaseline: null })));
    expectRefused(withHeader((header) => Object.assign(header, { best: { loss: 'low', step: 3 } })));
    expectRefused(withHeader((header) => Object.assign(header, { best: null })));
    expectRefused(withHeader((header) => (header.batches.order = [0, 1, 2, 2])));
    expectRefused(withHeader((header) => (header.batches.order = [0, 1, 2, 9])));
    expectRefused(withHeader((header) => Object.assign(header.identity.spec, { codeLength: 4 })));
    expectRefused(withHeader((header) => Object.assign(header.identity.spec, { dims: [4096, 4096, 4096] })));
    expectRefused(withHeader((header) => Object.assign(header.identity, { shapeCount: 1e12 })));
  });

  it('is refused with a NaN in a tensor', () => {
    const poisoned = exampleCheckpoint();
    poisoned.state.secondMoments[1][2] = Number.NaN;
    expectRefused(serializeCheckpoint(poisoned));
  });
});

describe('checksum and digest', () => {
  it('is the CRC-32 of zip', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    const bytes = new TextEncoder().encode('123456789');
    expect(crc32(bytes.subarray(4), crc32(bytes.subarray(0, 4)))).toBe(0xcbf43926);
  });

  it('tells samples apart by name, order and content', () => {
    const a = { name: 'a', positive: Float32Array.of(0, 0, 0, 1), negative: Float32Array.of(0, 0, 0, -1) };
    const b = { ...a, name: 'b' };
    const changed = { ...b, negative: Float32Array.of(0, 0, 0, -2) };
    const digests = [[a, b], [b, a], [a, changed], [a]].map(digestSamples);
    expect(new Set(digests).size).toBe(4);
    expect(digests[0]).toMatch(/^2 shapes, 4 samples, crc32 [0-9a-f]{8}$/);
  });
});
