import * as tf from '@tensorflow/tfjs-core';
import { STENCIL } from '../eikonal.js';
import type { Eikonal, EngineSettings } from '../engine.js';
import type { DeviceBatch } from './tfjs-batch.js';
import { rowNorms } from './tfjs-normalization.js';

/**
 * Mean loss of the samples, and the gradient of all that is minimised (but the prior) by the last layer's sums.
 * @param linear [n] the last layer's sums
 * @returns upstream: [n, 1]
 */
export function lossGradient(
  settings: EngineSettings,
  linear: tf.Tensor1D,
  batch: DeviceBatch,
): { loss: tf.Scalar; upstream: tf.Tensor2D } {
  const { innerTanh, outputTanh } = settings.spec;
  const inner = innerTanh ? tf.tanh(linear) : linear;
  const predicted = outputTanh ? tf.tanh(inner) : inner;
  const bounded = tf.minimum(tf.maximum(predicted, batch.low), batch.high);
  const residual = tf.sub(bounded, batch.target);
  const inside = tf.cast(tf.equal(bounded, predicted), 'float32');
  let gradient: tf.Tensor1D = tf.mul(tf.mul(tf.sign(residual), inside), batch.share);
  if (settings.eikonal && batch.stencilsPerGroup > 0) gradient = tf.add(gradient, eikonalGradient(settings.eikonal, predicted, batch));
  if (outputTanh) gradient = tf.mul(gradient, tf.sub(1, tf.square(predicted)));
  if (innerTanh) gradient = tf.mul(gradient, tf.sub(1, tf.square(inner)));
  return { loss: tf.sum(tf.mul(tf.abs(residual), batch.share)), upstream: tf.reshape(gradient, [-1, 1]) };
}

/** d (weight * mean of (|gradient| - 1)^2) / d predicted, [n]: `eikonalLoss` of ../eikonal.ts for every stencil. */
function eikonalGradient({ weight, step }: Eikonal, predicted: tf.Tensor1D, batch: DeviceBatch): tf.Tensor1D {
  const { rowsPerGroup, stencilsPerGroup } = batch;
  const stencilRows = 4 * stencilsPerGroup;
  const sampleRows = rowsPerGroup - stencilRows;
  const byGroup = tf.reshape(predicted, [-1, rowsPerGroup]) as tf.Tensor2D;
  const groups = byGroup.shape[0];
  const corners = tf.reshape(tf.slice2d(byGroup, [0, sampleRows], [groups, stencilRows]), [-1, 4]) as tf.Tensor2D;
  const differences = tf.tensor2d(
    STENCIL.flatMap((k) => k.map((sign) => sign / (4 * step))),
    [4, 3],
  );
  const gradients: tf.Tensor2D = tf.matMul(corners, differences);
  const lengths = rowNorms(gradients);
  // 0 for a gradient of length 0, which has no direction to grow in.
  const factor = tf.mul(tf.div(tf.sub(lengths, 1), tf.maximum(lengths, 1e-30)), (2 * weight) / (groups * stencilsPerGroup));
  const derivatives = tf.matMul(tf.mul(gradients, factor) as tf.Tensor2D, tf.transpose(differences));
  return tf.reshape(
    tf.pad2d(tf.reshape(derivatives, [groups, stencilRows]) as tf.Tensor2D, [
      [0, 0],
      [sampleRows, 0],
    ]),
    [-1],
  );
}
