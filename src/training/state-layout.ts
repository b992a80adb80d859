import { planLayers } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';
import type { EngineSettings, TrainingState } from './engine.js';

/** One tensor of a TrainingState, in its order. */
export interface TensorLayout {
  /** Such as 'layer 2 v', 'layer 2 bias', 'latents'. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly length: number;
}

/** Names and shapes of `TrainingState.parameters`, in order. @throws NeuralSdfError INVALID_SPEC */
export function stateLayout(settings: Pick<EngineSettings, 'spec' | 'shapeCount'>): TensorLayout[] {
  const { spec, shapeCount } = settings;
  const tensor = (name: string, ...shape: number[]): TensorLayout => ({ name, shape, length: shape.reduce((a, b) => a * b, 1) });
  const layers = planLayers(spec).flatMap((plan, index) => [
    tensor(`layer ${index} ${plan.normalization === 'weight' ? 'v' : 'weight'}`, plan.outputs, plan.inputs),
    ...(plan.normalization === 'weight' ? [tensor(`layer ${index} g`, plan.outputs)] : []),
    tensor(`layer ${index} bias`, plan.outputs),
    ...(plan.normalization === 'layer' ? ['gain', 'shift'].map((name) => tensor(`layer ${index} ${name}`, plan.outputs)) : []),
  ]);
  return [...layers, tensor('latents', shapeCount, spec.codeLength)];
}

/** @throws NeuralSdfError SHAPE_MISMATCH naming the first tensor whose length is not the layout's */
export function checkState(layout: readonly TensorLayout[], state: TrainingState): void {
  for (const part of ['parameters', 'firstMoments', 'secondMoments'] as const) {
    const tensors = state[part];
    const wrong = layout.findIndex((tensor, i) => tensors[i]?.length !== tensor.length);
    if (wrong >= 0 || tensors.length !== layout.length) {
      const name = wrong >= 0 ? layout[wrong].name : `tensor ${layout.length}`;
      const expected = wrong >= 0 ? layout[wrong].length : 0;
      const actual = wrong >= 0 ? (tensors[wrong]?.length ?? 0) : tensors[layout.length].length;
      throw new NeuralSdfError('SHAPE_MISMATCH', `training state: ${part} of ${name} have ${actual} values, not ${expected}`, {
        part,
        name,
      });
    }
  }
}
