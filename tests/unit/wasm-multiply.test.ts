import { expect, it } from 'vitest';
import { Random } from '../../src/random.js';
import { createMemory, instantiateKernels, loadKernels } from '../../src/wasm/module.js';

/** FORWARD to ACCUMULATE, as kernels/multiply.ts numbers them. */
const MODES = [0, 1, 2, 3, 4, 5];

const [weights, panels, aux] = [1 << 16, 2 << 16, 3 << 16];
const outs = [4 << 16, 5 << 16];

it.each(['plain', 'relaxed'] as const)('the product has the same bits by single panels and by pairs of them (%s)', async (variant) => {
  const memory = createMemory(6 << 16, 0, false);
  const kernels = await loadKernels({ variant });
  const [single, paired] = [false, true].map((pairs) => instantiateKernels({ ...kernels, pairs }, memory));
  const random = new Random(1);
  const [depth, blocks, panelCount, stride] = [19, 3, 5, 24 * 32 + 64];
  const words = new Uint32Array(memory.buffer);
  for (const mode of MODES) {
    const floats = new Float32Array(memory.buffer).map(() => random.normal());
    floats.copyWithin(outs[1] / 4, outs[0] / 4, outs[1] / 4);
    new Float32Array(memory.buffer).set(floats);
    for (const [i, { multiply }] of [single, paired].entries()) {
      multiply(weights, blocks, depth, panels, stride, panelCount, outs[i], stride, 160, mode, aux, stride);
    }
    const [expected, actual] = outs.map((out) => words.slice(out / 4, (out + panelCount * stride) / 4));
    expect(actual).toEqual(expected);
    expect(expected).not.toEqual(new Uint32Array(floats.buffer, outs[0], expected.length));
  }
});
