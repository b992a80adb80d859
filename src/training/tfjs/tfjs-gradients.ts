import * as tf from '@tensorflow/tfjs-core';
import { type DecoderSpec, encodedPointLength, type LayerPlan, planLayers } from '../../decoder/spec.js';

/*
 * Forward and backward pass, written out. tfjs's own differentiation turns a product into products with transposed operands,
 * which have no fast path on its wasm backend and took 90 % of a step; transposing first is four times as fast. Besides, its
 * gradient of |x| at x = 0 is -1, where a whole share of the samples sits: all that are saturated on the right side.
 */

/** One step's samples on the device; sample j of group i is row i * samples + j. */
export interface DeviceBatch {
  /** [n, encoded point] */
  readonly points: tf.Tensor2D;
  /** [n] clamped signed distance */
  readonly target: tf.Tensor1D;
  /** [n] bounds that predictions are clamped to */
  readonly low: tf.Tensor1D;
  readonly high: tf.Tensor1D;
  /** [groups, shapes], 1 at each group's shape: a product picks latent codes, its transpose spreads their gradients. */
  readonly choice: tf.Tensor2D;
  /** [groups, n], 1 where a sample belongs to a group: a product sums by group. */
  readonly membership: tf.Tensor2D;
}

interface LayerTrace {
  readonly plan: LayerPlan;
  readonly norm?: WeightNorm;
  /** [rows, columns] effective weight */
  readonly weight: tf.Tensor2D;
  /** [n, rows] after ReLU */
  readonly output: tf.Tensor2D;
}

interface WeightNorm {
  /** [rows, columns] v / |v| */
  readonly direction: tf.Tensor2D;
  /** [rows, 1] g / |v| */
  readonly scale: tf.Tensor2D;
}

/**
 * Mean loss with its gradients by every parameter; the prior is not part of it. To be called inside tf.tidy.
 * @param parameters as TrainingState.parameters, in their shapes
 * @returns gradients in the order and the shapes of `parameters`
 */
export function lossAndGradients(
  spec: DecoderSpec,
  parameters: readonly tf.Tensor[],
  batch: DeviceBatch,
): { loss: tf.Scalar; gradients: tf.Tensor[] } {
  // The latent code is folded a group, so that its columns cost one small product a layer.
  const latents: tf.Tensor2D = tf.matMul(batch.choice, parameters[parameters.length - 1] as tf.Tensor2D);
  const traces = forward(spec, parameters, latents, batch);
  const linear: tf.Tensor1D = tf.reshape(traces[traces.length - 1].output, [-1]);
  const predicted = spec.outputTanh ? tf.tanh(linear) : linear;
  const bounded = tf.minimum(tf.maximum(predicted, batch.low), batch.high);
  const residual = tf.sub(bounded, batch.target);
  const inside = tf.cast(tf.equal(bounded, predicted), 'float32');
  const direction = tf.div(tf.mul(tf.sign(residual), inside), batch.target.size);
  const upstream = spec.outputTanh ? tf.mul(direction, tf.sub(1, tf.square(predicted))) : direction;
  return { loss: tf.mean(tf.abs(residual)), gradients: backward(spec, traces, latents, batch, tf.reshape(upstream, [-1, 1])) };
}

function forward(spec: DecoderSpec, parameters: readonly tf.Tensor[], latents: tf.Tensor2D, batch: DeviceBatch): LayerTrace[] {
  const groups = latents.shape[0];
  const traces: LayerTrace[] = [];
  let at = 0;
  for (const plan of planLayers(spec)) {
    const v = parameters[at++] as tf.Tensor2D;
    const norm = plan.normalized ? weightNorm(v, parameters[at++] as tf.Tensor1D) : undefined;
    const weight: tf.Tensor2D = norm ? tf.mul(norm.scale, v) : v;
    const bias = tf.reshape(parameters[at++], [1, 1, plan.outputs]);
    const columns = layerColumns(spec, plan, weight);
    const products: tf.Tensor2D[] = [];
    if (columns.hidden) products.push(tf.matMul(traces[traces.length - 1].output, tf.transpose(columns.hidden)));
    if (columns.point) products.push(tf.matMul(batch.points, tf.transpose(columns.point)));
    const product = tf.reshape(products.length === 2 ? tf.add(products[0], products[1]) : products[0], [groups, -1, plan.outputs]);
    const folded = columns.latent && tf.reshape(tf.matMul(latents, tf.transpose(columns.latent)), [groups, 1, plan.outputs]);
    const sum = tf.add(product, folded ? tf.add(folded, bias) : bias);
    traces.push({ plan, norm, weight, output: tf.reshape(plan.rectified ? tf.relu(sum) : sum, [-1, plan.outputs]) });
  }
  return traces;
}

function backward(
  spec: DecoderSpec,
  traces: readonly LayerTrace[],
  latents: tf.Tensor2D,
  batch: DeviceBatch,
  upstream: tf.Tensor2D,
): tf.Tensor[] {
  const gradients: tf.Tensor[] = [];
  let latentGradient: tf.Tensor2D = tf.zerosLike(latents);
  let gradient = upstream;
  for (let index = traces.length - 1; index >= 0; index--) {
    const { plan, norm, weight, output } = traces[index];
    const columns = layerColumns(spec, plan, weight);
    const passed: tf.Tensor2D = plan.rectified ? tf.mul(gradient, tf.step(output)) : gradient;
    const transposed = tf.transpose(passed);
    const byGroup = tf.matMul(batch.membership, passed);
    const parts: tf.Tensor2D[] = [];
    if (columns.hidden) parts.push(tf.matMul(transposed, traces[index - 1].output));
    if (columns.latent) {
      parts.push(tf.matMul(tf.transpose(byGroup), latents));
      latentGradient = tf.add(latentGradient, tf.matMul(byGroup, columns.latent));
    }
    if (columns.point) parts.push(tf.matMul(transposed, batch.points));
    const weightGradient = parts.length === 1 ? parts[0] : tf.concat2d(parts, 1);
    gradients.unshift(...(norm ? weightNormGradient(norm, weightGradient) : [weightGradient]), tf.sum(byGroup, 0));
    if (columns.hidden) gradient = tf.matMul(passed, columns.hidden);
  }
  gradients.push(tf.matMul(tf.transpose(batch.choice), latentGradient));
  return gradients;
}

/** A layer's columns by what they read, each [rows, its columns]. */
function layerColumns(
  spec: DecoderSpec,
  plan: LayerPlan,
  weight: tf.Tensor2D,
): { hidden?: tf.Tensor2D; latent?: tf.Tensor2D; point?: tf.Tensor2D } {
  const pointLength = encodedPointLength(spec);
  const cut = (from: number, count: number) => tf.slice2d(weight, [0, from], [plan.outputs, count]);
  return {
    hidden: plan.hidden > 0 ? cut(0, plan.hidden) : undefined,
    latent: plan.latent ? cut(plan.hidden, spec.codeLength) : undefined,
    point: plan.point ? cut(plan.inputs - pointLength, pointLength) : undefined,
  };
}

/** See `weightNormGradient` in ../weight-norm.ts; a row of length 0 stays 0 and gets no gradient. */
function weightNorm(v: tf.Tensor2D, g: tf.Tensor1D): WeightNorm {
  const norm = rowNorms(v);
  const inverse = tf.div(tf.cast(tf.greater(norm, 0), 'float32'), tf.maximum(norm, 1e-30));
  return { direction: tf.mul(v, inverse), scale: tf.mul(tf.reshape(g, [-1, 1]), inverse) };
}

function weightNormGradient({ direction, scale }: WeightNorm, weightGradient: tf.Tensor2D): [v: tf.Tensor, g: tf.Tensor] {
  const along = tf.sum(tf.mul(weightGradient, direction), 1, true);
  return [tf.mul(scale, tf.sub(weightGradient, tf.mul(direction, along))), tf.reshape(along, [-1])];
}

/** |row| of each row, [rows, 1]. */
export function rowNorms(matrix: tf.Tensor2D): tf.Tensor2D {
  return tf.sqrt(tf.sum(tf.square(matrix), 1, true));
}
