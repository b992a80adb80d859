import { NeuralSdfError } from '../errors.js';
import type { TrainingBatch } from './engine.js';
import { clampDistance } from './loss.js';

/** Steps before a run is judged. A healthy one (4x64, four real shapes, 3e-3) was at 28 % of the baseline after 520 steps, at 18 % after 1,000. */
const PATIENCE = 1000;
/** A moving mean above this share of the baseline has learnt nothing. */
const HOPELESS = 0.97;

/**
 * Loss of the best constant prediction for a batch. Half of it lies inside (targets <= 0), half outside, so that 0 is a median
 * of the targets, and the median is what minimises a mean absolute error: the mean over samples of |clamp(s)|.
 * @param delta truncation distance, model units
 */
export function constantPredictionLoss(batch: Omit<TrainingBatch, 'points'>, delta: number): number {
  const { shapes, distances, samplesPerShape, stencilsPerShape = 0 } = batch;
  const samples = samplesPerShape - 4 * stencilsPerShape;
  let sum = 0;
  for (let group = 0; group < shapes.length; group++) {
    const first = group * samplesPerShape;
    for (let i = first; i < first + samples; i++) sum += Math.abs(clampDistance(distances[i], delta));
  }
  return sum / (shapes.length * samples);
}

/**
 * Tells a run that is dead from one that is slow. With 'clamped-l1' every gradient is 0 once all predictions lie beyond delta,
 * and with any loss too high a rate can kill all ReLU units: the decoder is then a constant for good, and its loss that of a
 * constant or worse. Judged by the loss alone, which every engine reports.
 * @param loss of this step; @param smoothedLoss moving mean over about 100 steps; @param baseline `constantPredictionLoss` of the same
 *   steps, averaged alike; all in model units
 * @throws NeuralSdfError TRAINING_COLLAPSED
 */
export function checkCollapse(step: number, loss: number, smoothedLoss: number, baseline: number): void {
  const details = { step, loss, smoothedLoss, baseline };
  if (!Number.isFinite(loss)) {
    throw new NeuralSdfError(
      'TRAINING_COLLAPSED',
      `training diverged at step ${step}: the loss is ${loss}; lower the learning rate`,
      details,
    );
  }
  if (step < PATIENCE || smoothedLoss < HOPELESS * baseline) return;
  throw new NeuralSdfError(
    'TRAINING_COLLAPSED',
    `training is stuck at step ${step}: its loss ${smoothedLoss.toPrecision(3)} is no better than a constant's ${baseline.toPrecision(3)}; ` +
      "lower the learning rate, use the loss 'saturated-l1', or another seed",
    details,
  );
}
