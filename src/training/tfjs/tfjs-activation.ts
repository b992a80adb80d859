import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from '../../decoder/activation.js';

/** `activate` of ../../decoder/activation.ts, number by number. */
export function activate(activation: Activation | 'linear', scale: number, x: tf.Tensor2D): tf.Tensor2D {
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      return tf.relu(x);
    case 'sine':
      return tf.sin(tf.mul(x, scale));
    case 'softplus':
      return tf.add(tf.relu(x), tf.div(tf.log(tf.add(tf.exp(tf.mul(tf.abs(x), -scale)), 1)), scale));
    case 'elu':
      return tf.add(tf.relu(x), tf.mul(tf.sub(tf.exp(tf.minimum(x, 0)), 1), scale));
  }
}

/** gradient * d activate / d x */
export function activationGradient(activation: Activation | 'linear', scale: number, x: tf.Tensor2D, gradient: tf.Tensor2D): tf.Tensor2D {
  switch (activation) {
    case 'linear':
      return gradient;
    case 'relu':
      return tf.mul(gradient, tf.step(x));
    case 'sine':
      return tf.mul(gradient, tf.mul(tf.cos(tf.mul(x, scale)), scale));
    case 'softplus':
      return tf.mul(gradient, tf.sigmoid(tf.mul(x, scale)));
    case 'elu': {
      const positive = tf.step(x);
      const below = tf.mul(tf.exp(tf.minimum(x, 0)), scale);
      return tf.mul(gradient, tf.add(positive, tf.mul(tf.sub(1, positive), below)));
    }
  }
}
