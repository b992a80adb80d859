import { NeuralSdfError } from '../errors.js';

/**
 * Learning rate over a run. The first three are DeepSDF's `LearningRateSchedule`, by epoch; 'Cosine' is ours and falls
 * from Initial to 0 over the run's share, whether that is counted in steps or in seconds.
 */
export type LearningRateSchedule =
  | { readonly type: 'Constant'; readonly value: number }
  | { readonly type: 'Step'; readonly initial: number; readonly interval: number; readonly factor: number }
  | { readonly type: 'Warmup'; readonly initial: number; readonly final: number; readonly length: number }
  | { readonly type: 'Cosine'; readonly initial: number };

/** Where a run stands. */
export interface RunPosition {
  /** Passes over the shapes completed, a whole number. */
  readonly epoch: number;
  /** Share of the run done, 0 to 1. */
  readonly share: number;
}

/** The learning rate at a moment of the run. */
export function learningRate(schedule: LearningRateSchedule, { epoch, share }: RunPosition): number {
  switch (schedule.type) {
    case 'Constant':
      return schedule.value;
    case 'Step':
      return schedule.initial * schedule.factor ** Math.floor(epoch / schedule.interval);
    case 'Warmup':
      return epoch > schedule.length ? schedule.final : schedule.initial + (schedule.final - schedule.initial) * (epoch / schedule.length);
    case 'Cosine':
      return schedule.initial * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, share)));
  }
}

/** @throws NeuralSdfError INVALID_SPEC naming the field */
export function validateSchedule(schedule: LearningRateSchedule, name: string): void {
  for (const [field, value] of Object.entries(schedule)) {
    if (field === 'type') continue;
    // A constant or final rate of 0 and a warm-up of no epochs mean something; no other zero does.
    const lowest = field === 'value' || field === 'final' || field === 'length' ? 0 : Number.MIN_VALUE;
    if (!(Number.isFinite(value) && (value as number) >= lowest)) {
      throw new NeuralSdfError('INVALID_SPEC', `${name}: ${field} is ${value}, not a positive number`, { name, field, value });
    }
  }
}
