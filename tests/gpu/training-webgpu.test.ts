import { describe, expect, it } from 'vitest';
import { openDevice } from '../../src/gpu/device-node.js';
import { referenceObjective } from '../../src/training/reference-engine.js';
import { stateLayout } from '../../src/training/state-layout.js';
import { createWebGpuEngine } from '../../src/training/webgpu/webgpu-engine.js';
import { engineCase, LAYER_TYPES, relativeToLargest } from '../support/layer-types.js';

const { device } = await openDevice();

const largestOf = (values: Iterable<number>) => {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
};

describe.each(Object.keys(LAYER_TYPES))('WGSL gradients against float64: %s', (name) => {
  it.each(['saturated-l1', 'clamped-l1'] as const)('%s', async (loss) => {
    const { settings, state, batch, step } = engineCase(name, { loss });
    const engine = await createWebGpuEngine(settings, { device, allowSoftware: true });
    await engine.writeState(state);
    const report = await engine.step(batch, step);
    const after = await engine.readState();
    engine.dispose();
    const expected = referenceObjective(
      settings,
      state.parameters.map((tensor) => Float64Array.from(tensor)),
      batch,
      step,
    );
    expect(Math.abs(report.loss / expected.loss - 1)).toBeLessThan(1e-5);
    const floor = 0.01 * largestOf(expected.gradients.flatMap((gradient) => [...gradient]));
    stateLayout(settings).forEach((tensor, i) => {
      const gradient = Float64Array.from(after.firstMoments[i], (moment) => moment / 0.1);
      expect(relativeToLargest(gradient, expected.gradients[i], floor), tensor.name).toBeLessThan(1e-4);
    });
  });
});
