import type { FloatArray } from '../decoder/decoder.js';
import { ADAM } from './engine.js';

/** What a step multiplies and divides by, the same for every parameter: bias corrections folded into two numbers. */
export interface AdamFactors {
  /** rate / (1 - beta1^step) */
  readonly scale: number;
  /** 1 / sqrt(1 - beta2^step) */
  readonly rootScale: number;
}

/** @param step of the update to come, 1 for the first */
export function adamFactors(rate: number, step: number): AdamFactors {
  return { scale: rate / (1 - ADAM.beta1 ** step), rootScale: 1 / Math.sqrt(1 - ADAM.beta2 ** step) };
}

/**
 * Adam, Kingma and Ba 2015, algorithm 1, with epsilon after the bias-corrected root as PyTorch has it. In place.
 * @param parameters, gradients, first, second of one length
 */
export function adamStep(parameters: FloatArray, gradients: FloatArray, first: FloatArray, second: FloatArray, factors: AdamFactors): void {
  const { beta1, beta2, epsilon } = ADAM;
  for (let i = 0; i < parameters.length; i++) {
    const g = gradients[i];
    first[i] = beta1 * first[i] + (1 - beta1) * g;
    second[i] = beta2 * second[i] + (1 - beta2) * g * g;
    parameters[i] -= (factors.scale * first[i]) / (Math.sqrt(second[i]) * factors.rootScale + epsilon);
  }
}
