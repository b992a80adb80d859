import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { NeuralSdfError } from '../errors.js';
import type { Random } from '../random.js';

/**
 * The Gaussian that a set of latent codes is drawn from, by principal component analysis: what an editor's sliders and
 * its dice walk along, instead of raw code entries that mean nothing one by one.
 */
export interface LatentDistribution {
  /** [codeLength] */
  readonly mean: Float32Array;
  /** Orthonormal, [codeLength] each, the widest first. */
  readonly directions: readonly Float32Array[];
  /** Standard deviation along each direction. */
  readonly deviations: Float32Array;
}

/**
 * @param latents at least one, [codeLength] each
 * @throws NeuralSdfError INVALID_ARGUMENT without latents, LATENT_LENGTH when lengths differ
 */
export function analyzeLatents(latents: readonly ArrayLike<number>[]): LatentDistribution {
  if (latents.length === 0) throw new NeuralSdfError('INVALID_ARGUMENT', 'no latent codes to analyse');
  const { length } = latents[0];
  if (latents.some((latent) => latent.length !== length)) throw new NeuralSdfError('LATENT_LENGTH', 'latent codes differ in length');
  const mean = new Float32Array(length);
  for (const latent of latents) for (let i = 0; i < length; i++) mean[i] += latent[i] / latents.length;
  const covariance = Matrix.zeros(length, length);
  for (const latent of latents) {
    for (let i = 0; i < length; i++) {
      for (let j = 0; j < length; j++) {
        covariance.set(i, j, covariance.get(i, j) + ((latent[i] - mean[i]) * (latent[j] - mean[j])) / latents.length);
      }
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  return {
    mean,
    directions: order.map((i) => withFixedSign(Float32Array.from(eigenvectorMatrix.getColumn(i)))),
    deviations: Float32Array.from(order, (i) => Math.sqrt(Math.max(0, realEigenvalues[i]))),
  };
}

/** An eigenvector's sign is arbitrary: its largest entry is made positive, so that a slider keeps its sense between builds. */
function withFixedSign(direction: Float32Array): Float32Array {
  const largest = direction.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? direction.map((value) => -value) : direction;
}

/** Coordinates of a latent code along the directions, in standard deviations. */
export function latentCoordinates(distribution: LatentDistribution, latent: ArrayLike<number>): Float32Array {
  return distribution.deviations.map((deviation, k) => {
    if (deviation === 0) return 0;
    return distribution.directions[k].reduce((sum, value, i) => sum + value * (latent[i] - distribution.mean[i]), 0) / deviation;
  });
}

/** The latent code at coordinates given in standard deviations along the first directions; the rest are 0. */
export function latentAt(distribution: LatentDistribution, coordinates: ArrayLike<number>): Float32Array {
  const latent = distribution.mean.slice();
  for (let k = 0; k < coordinates.length; k++) {
    const scale = coordinates[k] * distribution.deviations[k];
    for (let i = 0; i < latent.length; i++) latent[i] += scale * distribution.directions[k][i];
  }
  return latent;
}

/** A latent code drawn from the distribution, `spread` times as wide (below 1 stays nearer to what was trained). */
export function randomLatent(distribution: LatentDistribution, random: Random, spread = 1): Float32Array {
  return latentAt(
    distribution,
    distribution.deviations.map(() => spread * random.normal()),
  );
}
