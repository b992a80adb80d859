import * as tf from '@tensorflow/tfjs-core';
import { adamFactors } from '../adam.js';
import { CLIP_EPSILON } from '../clip-gradients.js';
import { ADAM } from '../engine.js';

/** Parameters that share a learning rate, end to end in one tensor: an Adam step is then a dozen operations, not hundreds. */
export interface Slot {
  values: tf.Tensor1D;
  first: tf.Tensor1D;
  second: tf.Tensor1D;
}

/**
 * wasm has no way to flush denormals, which the moments of dead units decay into and which are 50 times as slow: values
 * below this are set to 0 every FLUSH_INTERVAL steps. Part of the step, so that a resumed run repeats it.
 */
const TINY = 1e-30;
const FLUSH_INTERVAL = 64;

/**
 * One step of Adam (see ../adam.ts). To be called inside tf.tidy, which the answer survives.
 * @param step 1 for the first
 */
export function adam(slot: Slot, gradient: tf.Tensor1D, rate: number, step: number): Slot {
  const { scale, rootScale } = adamFactors(rate, step);
  const clean = (moment: tf.Tensor1D): tf.Tensor1D =>
    step % FLUSH_INTERVAL === 0 ? tf.mul(moment, tf.cast(tf.greater(tf.abs(moment), TINY), 'float32')) : moment;
  const first = clean(tf.add(tf.mul(slot.first, ADAM.beta1), tf.mul(gradient, 1 - ADAM.beta1)));
  const second = clean(tf.add(tf.mul(slot.second, ADAM.beta2), tf.mul(tf.square(gradient), 1 - ADAM.beta2)));
  const denominator = tf.add(tf.mul(tf.sqrt(second), rootScale), ADAM.epsilon);
  const values = clean(tf.sub(slot.values, tf.div(tf.mul(first, scale), denominator)));
  return { values: tf.keep(values), first: tf.keep(first), second: tf.keep(second) };
}

/** `clipGradients` on the device, so that nothing is read back. @param bound undefined for none */
export function clipLength(gradient: tf.Tensor1D, bound: number | undefined): tf.Tensor1D {
  if (bound === undefined) return gradient;
  const length = tf.sqrt(tf.sum(tf.square(gradient)));
  return tf.mul(gradient, tf.minimum(tf.div(bound, tf.add(length, CLIP_EPSILON)), 1));
}

/** Tensors end to end. */
export function flatTensor(parts: readonly Float32Array[]): tf.Tensor1D {
  const flat = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    flat.set(part, at);
    at += part.length;
  }
  return tf.tensor1d(flat);
}

export function disposeSlot(slot: Slot): void {
  tf.dispose([slot.values, slot.first, slot.second]);
}
