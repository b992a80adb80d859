import * as tf from '@tensorflow/tfjs-core';
import { encodePoint } from '../../decoder/encoding.js';
import { encodedPointLength, planLayers } from '../../decoder/spec.js';
import { NeuralSdfError } from '../../errors.js';
import { dropoutKey, dropoutThreshold, isKept, LATENT_LAYER } from '../dropout.js';
import type { EngineSettings, TrainingBatch } from '../engine.js';
import { clampDistance, predictionBounds } from '../loss.js';

/** One step's rows on the device; row j of group i is row i * rowsPerGroup + j, the stencils of the eikonal term last in each group. */
export interface DeviceBatch {
  readonly rowsPerGroup: number;
  readonly stencilsPerGroup: number;
  /** [n, encoded point] */
  readonly points: tf.Tensor2D;
  /** [n] clamped signed distance */
  readonly target: tf.Tensor1D;
  /** [n] bounds that predictions are clamped to */
  readonly low: tf.Tensor1D;
  readonly high: tf.Tensor1D;
  /** [n] 1 / number of samples, and 0 for the points of stencils: what the loss weighs each row by */
  readonly share: tf.Tensor1D;
  /** [groups, shapes], 1 at each group's shape: a product picks latent codes, its transpose spreads their gradients. */
  readonly choice: tf.Tensor2D;
  /** [groups, n], 1 where a row belongs to a group: a product sums by group. */
  readonly membership: tf.Tensor2D;
  /** By layer: [n, outputs] factors of dropout, undefined where nothing is dropped. */
  readonly masks: readonly (tf.Tensor2D | undefined)[];
  /** [groups, codeLength] factors of dropout for the code that enters layer 0 */
  readonly latentMask?: tf.Tensor2D;
}

/** WGSL may assume that there are no infinities: farther than any signed distance is as good. */
const FAR = 1e30;

/** To be called inside tf.tidy. @throws NeuralSdfError INVALID_ARGUMENT where there is dropout, but no seed */
export function uploadBatch(settings: EngineSettings, batch: TrainingBatch, dropoutSeed: number | undefined): DeviceBatch {
  const { spec, shapeCount, loss, delta } = settings;
  const { samplesPerShape: rowsPerGroup, stencilsPerShape: stencilsPerGroup = 0 } = batch;
  const count = batch.distances.length;
  const groups = batch.shapes.length;
  const width = encodedPointLength(spec);
  const sampleRows = rowsPerGroup - 4 * stencilsPerGroup;
  const points = new Float32Array(count * width);
  const [target, low, high, share] = [0, 1, 2, 3].map(() => new Float32Array(count));
  for (let i = 0; i < count; i++) {
    // Here rather than on the GPU, whose sine is good to 2^-11 only.
    encodePoint(batch.points[3 * i], batch.points[3 * i + 1], batch.points[3 * i + 2], spec.fourierOctaves, points, i * width);
    const bounds = predictionBounds(loss, batch.distances[i], delta);
    target[i] = clampDistance(batch.distances[i], delta);
    low[i] = Math.max(bounds[0], -FAR);
    high[i] = Math.min(bounds[1], FAR);
    share[i] = i % rowsPerGroup < sampleRows ? 1 / (groups * sampleRows) : 0;
  }
  const choice = new Float32Array(groups * shapeCount);
  const membership = new Float32Array(groups * count);
  for (let group = 0; group < groups; group++) {
    choice[group * shapeCount + batch.shapes[group]] = 1;
    const first = group * (count + rowsPerGroup);
    membership.fill(1, first, first + rowsPerGroup);
  }
  return {
    rowsPerGroup,
    stencilsPerGroup,
    points: tf.tensor2d(points, [count, width]),
    target: tf.tensor1d(target),
    low: tf.tensor1d(low),
    high: tf.tensor1d(high),
    share: tf.tensor1d(share),
    choice: tf.tensor2d(choice, [groups, shapeCount]),
    membership: tf.tensor2d(membership, [groups, count]),
    ...uploadMasks(settings, count, groups, dropoutSeed),
  };
}

function uploadMasks(
  { spec, dropout }: EngineSettings,
  rows: number,
  groups: number,
  seed: number | undefined,
): Pick<DeviceBatch, 'masks' | 'latentMask'> {
  if (!dropout) return { masks: [] };
  if (seed === undefined) throw new NeuralSdfError('INVALID_ARGUMENT', 'training step: dropout needs a dropoutSeed');
  const { layers, probability, latentProbability } = dropout;
  const upload = (layer: number, height: number, width: number, p: number) => {
    const [key, threshold, factor] = [dropoutKey(seed, layer), dropoutThreshold(p), 1 / (1 - p)];
    const mask = new Float32Array(height * width);
    for (let i = 0; i < mask.length; i++) if (isKept(key, i, threshold)) mask[i] = factor;
    return tf.tensor2d(mask, [height, width]);
  };
  return {
    masks: planLayers(spec).map(({ outputs, activation }, layer) =>
      // The output is never dropped.
      activation !== 'linear' && layers.includes(layer) ? upload(layer, rows, outputs, probability) : undefined,
    ),
    latentMask: latentProbability > 0 ? upload(LATENT_LAYER, groups, spec.codeLength, latentProbability) : undefined,
  };
}
