import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random.js';
import { referenceObjective } from '../../src/training/reference-engine.js';
import { engineCase, LAYER_TYPES } from '../support/layer-types.js';

describe.each(Object.keys(LAYER_TYPES))('reference objective: %s', (name) => {
  it.each(['saturated-l1', 'clamped-l1'] as const)('gradients with %s agree with central differences to 1e-5', (loss) => {
    const { settings, state, batch, step } = engineCase(name, { loss, delta: 0.3 }, 8);
    const random = new Random(3);
    const parameters = state.parameters.map((tensor) => Float64Array.from(tensor));
    const value = () => {
      const { loss, prior, eikonal } = referenceObjective(settings, parameters, batch, step);
      return loss + prior + eikonal;
    };
    const { gradients } = referenceObjective(settings, parameters, batch, step);
    const h = 1e-6;
    parameters.forEach((tensor, index) => {
      const picked = Array.from({ length: Math.min(10, tensor.length) }, () => random.index(tensor.length));
      const numeric = picked.map((at) => {
        const before = tensor[at];
        tensor[at] = before + h;
        const up = value();
        tensor[at] = before - h;
        const down = value();
        tensor[at] = before;
        return (up - down) / (2 * h);
      });
      const largest = Math.max(...gradients[index].map(Math.abs), 1e-9);
      picked.forEach((at, i) => {
        expect(Math.abs(gradients[index][at] - numeric[i]) / largest).toBeLessThan(1e-5);
      });
    });
  });
});
