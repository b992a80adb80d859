import type { TrainingLoss } from './engine.js';

/** min(delta, max(-delta, x)), Park 2019 eq. 4. */
export function clampDistance(distance: number, delta: number): number {
  return Math.min(delta, Math.max(-delta, distance));
}

/**
 * The interval that a prediction is clamped to before it is compared with its clamped target. The two losses differ in
 * this alone: 'clamped-l1' clamps every prediction on both sides, 'saturated-l1' only on the side where the target itself
 * is saturated, so that a prediction beyond delta on the wrong side keeps its gradient.
 * @param target signed distance, model units
 * @param delta truncation distance, model units, > 0
 */
export function predictionBounds(loss: TrainingLoss, target: number, delta: number): [low: number, high: number] {
  if (loss === 'clamped-l1') return [-delta, delta];
  return [target <= -delta ? -delta : Number.NEGATIVE_INFINITY, target >= delta ? delta : Number.POSITIVE_INFINITY];
}

/**
 * Loss of one sample, Park 2019 eq. 4 or its variant (see TrainingLoss).
 * @param predicted signed distance, model units
 * @param target signed distance, model units, not clamped
 * @param delta truncation distance, model units, > 0
 * @returns model units, >= 0
 */
export function sampleLoss(loss: TrainingLoss, predicted: number, target: number, delta: number): number {
  const [low, high] = predictionBounds(loss, target, delta);
  return Math.abs(Math.min(high, Math.max(low, predicted)) - clampDistance(target, delta));
}

/** d sampleLoss / d predicted: -1, 0 or 1; 0 at the kinks where the loss is 0, and beyond the bounds. */
export function sampleLossDerivative(loss: TrainingLoss, predicted: number, target: number, delta: number): number {
  const [low, high] = predictionBounds(loss, target, delta);
  if (predicted < low || predicted > high) return 0;
  return Math.sign(predicted - clampDistance(target, delta));
}
