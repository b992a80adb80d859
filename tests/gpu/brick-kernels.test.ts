import { beforeAll, describe, expect, it } from 'vitest';
import { initializeDecoder } from '../../src/decoder/decoder.js';
import { referenceDistance } from '../../src/decoder/reference.js';
import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';
import { DecoderKernels } from '../../src/gpu/bricks/decoder-kernels.js';
import { DistanceStore } from '../../src/gpu/bricks/distance-store.js';
import { openDevice } from '../../src/gpu/device-node.js';
import { Random } from '../../src/random.js';

const NARROW: DecoderSpec = { ...DEFAULT_DECODER_SPEC, codeLength: 5, dims: [40, 40, 40], latentIn: [2], normLayers: [] };

/** Everything that a layer can be, and the paper's own shape with its skip and its narrowed layer. */
const CASES: readonly (readonly [string, DecoderSpec])[] = [
  ['a narrow one with a skip', NARROW],
  ['octaves, the point in every layer, two tanh', { ...NARROW, fourierOctaves: 2, xyzInAll: true, latentIn: [], innerTanh: true }],
  ['sine', { ...NARROW, activation: 'sine', activationScale: 12, outputTanh: false }],
  ['softplus', { ...NARROW, activation: 'softplus', activationScale: 60 }],
  ['layer norm', { ...NARROW, normLayers: [0, 1, 2], weightNorm: false }],
  ["the paper's 8x512", DEFAULT_DECODER_SPEC],
];

describe('kernels that fill bricks', () => {
  let device: GPUDevice;
  beforeAll(async () => {
    ({ device } = await openDevice());
  });

  it.each(CASES)('agree with the float64 reference to 1e-5: %s', async (_, spec) => {
    const random = new Random(3);
    const decoder = initializeDecoder(spec, random);
    const latent = Float32Array.from({ length: spec.codeLength }, () => 0.3 * random.normal());
    const kernels = await DecoderKernels.create(device, decoder, true);
    // No whole tile, and slots in another order.
    const count = 77;
    const samples = new Float32Array(4 * count).map(() => random.range(-1, 1));
    const slots = new Uint32Array(samples.buffer);
    for (let i = 0; i < count; i++) slots[4 * i + 3] = count - 1 - i;
    const distances = new DistanceStore(device, 'test', count);
    device.pushErrorScope('validation');
    // Another shape's batch before it leaves nothing behind.
    void kernels.evaluate(new Float32Array(spec.codeLength), samples.buffer, count, distances);
    void kernels.evaluate(latent, samples.buffer, count, distances);
    const answers = await distances.read();
    expect(await device.popErrorScope()).toBeNull();
    let worst = 0;
    for (let i = 0; i < count; i++) {
      worst = Math.max(worst, Math.abs(answers[count - 1 - i] - referenceDistance(decoder, latent, samples.subarray(4 * i, 4 * i + 3))));
    }
    expect(worst).toBeLessThan(1e-5);
    kernels.dispose();
  });
});
