import { describe, expect, it } from 'vitest';
import type { DecoderSpec } from '../../src/decoder/spec.js';
import { installWebGpu } from '../../src/gpu/device-node.js';
import { Random } from '../../src/random.js';
import type { TrainingBatch } from '../../src/training/engine.js';
import { ReferenceEngine } from '../../src/training/reference-engine.js';
import { DEFAULT_TRAIN_SPEC } from '../../src/training/settings.js';
import { initializeState } from '../../src/training/state.js';
import { createTfjsEngine } from '../../src/training/tfjs/tfjs-engine.js';

/** Under another name: a software adapter is refused for its speed, and here it is the arithmetic that is in question. */
async function disguisedGpu(): Promise<GPU> {
  const adapter = await (await installWebGpu()).requestAdapter();
  if (!adapter) throw new Error('no WebGPU adapter: a Vulkan driver is needed');
  const info = { vendor: 'test', architecture: '', device: '', description: '' };
  const disguise = {
    info,
    features: adapter.features,
    limits: adapter.limits,
    requestDevice: (descriptor: GPUDeviceDescriptor) => adapter.requestDevice(descriptor),
  };
  return { requestAdapter: async () => disguise } as unknown as GPU;
}

const spec: DecoderSpec = { ...DEFAULT_TRAIN_SPEC, codeLength: 4, dims: [20, 20, 20], fourierOctaves: 1 };
const variants: Record<string, DecoderSpec> = {
  default: spec,
  'skip, tanh': { ...spec, latentInAll: false, latentIn: [2], outputTanh: true },
};

describe.each(Object.entries(variants))('tfjs on WebGPU: %s', (_, spec) => {
  it('takes three steps as the float64 reference does', async () => {
    const settings = { spec, shapeCount: 3, loss: 'saturated-l1', delta: 0.1, codeBound: 1 } as const;
    const random = new Random(8);
    const start = initializeState(settings, 0.6, random);
    const batch: TrainingBatch = {
      shapes: Uint32Array.of(2, 0),
      samplesPerShape: 64,
      points: Float32Array.from({ length: 3 * 128 }, () => random.range(-1, 1)),
      distances: Float32Array.from({ length: 128 }, () => random.range(-0.2, 0.2)),
    };
    const engine = await createTfjsEngine(settings, { backend: 'webgpu', platform: { gpu: disguisedGpu } });
    const reference = new ReferenceEngine(settings);
    for (const each of [engine, reference]) await each.writeState(start);
    const rates = { decoderRate: 3e-3, latentRate: 3e-3, regularization: 0.05 };
    const [first, expected] = [await engine.step(batch, rates), await reference.step(batch, rates)];
    expect(first.loss).toBeCloseTo(expected.loss, 5);
    for (let i = 0; i < 2; i++) for (const each of [engine, reference]) await each.step(batch, rates);
    const [actual, truth] = [await engine.readState(), await reference.readState()];
    actual.firstMoments.forEach((tensor, i) => {
      const largest = Math.max(...truth.firstMoments[i].map(Math.abs));
      tensor.forEach((value, at) => {
        expect(Math.abs(value - truth.firstMoments[i][at]) / largest).toBeLessThan(1e-3);
      });
    });
    engine.dispose();
  });
});
