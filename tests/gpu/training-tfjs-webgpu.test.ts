import { describe, expect, it } from 'vitest';
import { installWebGpu } from '../../src/gpu/device-node.js';
import { ReferenceEngine } from '../../src/training/reference-engine.js';
import { createTfjsEngine } from '../../src/training/tfjs/tfjs-engine.js';
import { engineCase, LAYER_TYPES, relativeToLargest } from '../support/layer-types.js';

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

describe('tfjs on WebGPU', () => {
  it.each(Object.keys(LAYER_TYPES))('%s: takes a step as the float64 reference does', async (name) => {
    const { settings, state, batch, step } = engineCase(name, { gradientClip: 0.01 });
    const engine = await createTfjsEngine(settings, { backend: 'webgpu', platform: { gpu: disguisedGpu } });
    const reference = new ReferenceEngine(settings);
    for (const each of [engine, reference]) await each.writeState(state);
    const [{ loss }, expected] = [await engine.step(batch, step), await reference.step(batch, step)];
    expect(Math.abs(loss / expected.loss - 1)).toBeLessThan(1e-5);
    const [actual, truth] = [await engine.readState(), await reference.readState()];
    actual.firstMoments.forEach((tensor, i) => {
      expect(relativeToLargest(tensor, truth.firstMoments[i]), `tensor ${i}`).toBeLessThan(1e-4);
    });
    engine.dispose();
  });
});
