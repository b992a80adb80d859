import * as tf from '@tensorflow/tfjs-core';
import { type DecoderSpec, encodedPointLength, type LayerPlan, planLayers } from '../../decoder/spec.js';
import type { EngineSettings } from '../engine.js';
import { activate, activationGradient } from './tfjs-activation.js';
import type { DeviceBatch } from './tfjs-batch.js';
import { lossGradient } from './tfjs-loss.js';
import {
  type LayerNormTrace,
  layerNorm,
  layerNormGradient,
  type WeightNorm,
  weightNorm,
  weightNormGradient,
} from './tfjs-normalization.js';

/*
 * Forward and backward pass, written out. tfjs's own differentiation turns a product into products with transposed operands,
 * which have no fast path on its wasm backend and took 90 % of a step; transposing first is four times as fast. Besides, its
 * gradient of |x| at x = 0 is -1, where a whole share of the samples sits: all that are saturated on the right side.
 */

interface LayerTrace {
  readonly plan: LayerPlan;
  readonly weightNorm?: WeightNorm;
  readonly layerNorm?: LayerNormTrace;
  /** [rows, columns] effective weight */
  readonly weight: tf.Tensor2D;
  /** [groups, codeLength] codes as this layer reads them */
  readonly latents: tf.Tensor2D;
  /** [n, rows] what the activation was given */
  readonly preActivation: tf.Tensor2D;
  /** [n, rows] activated and dropped out */
  readonly output: tf.Tensor2D;
}

/**
 * Mean loss, with the gradients by every parameter of all that is minimised but the prior. To be called inside tf.tidy.
 * @param parameters as TrainingState.parameters, in their shapes
 * @returns gradients in the order and the shapes of `parameters`
 */
export function lossAndGradients(
  settings: EngineSettings,
  parameters: readonly tf.Tensor[],
  batch: DeviceBatch,
): { loss: tf.Scalar; gradients: tf.Tensor[] } {
  // The latent code is folded a group, so that its columns cost one small product a layer.
  const latents: tf.Tensor2D = tf.matMul(batch.choice, parameters[parameters.length - 1] as tf.Tensor2D);
  const traces = forward(settings.spec, parameters, latents, batch);
  const { loss, upstream } = lossGradient(settings, tf.reshape(traces[traces.length - 1].output, [-1]), batch);
  return { loss, gradients: backward(settings.spec, traces, batch, upstream) };
}

function forward(spec: DecoderSpec, parameters: readonly tf.Tensor[], codes: tf.Tensor2D, batch: DeviceBatch): LayerTrace[] {
  const groups = codes.shape[0];
  const traces: LayerTrace[] = [];
  let at = 0;
  const next = <T extends tf.Tensor>() => parameters[at++] as T;
  for (const [index, plan] of planLayers(spec).entries()) {
    const v = next<tf.Tensor2D>();
    const norm = plan.normalization === 'weight' ? weightNorm(v, next()) : undefined;
    const weight: tf.Tensor2D = norm ? tf.mul(norm.scale, v) : v;
    const bias = tf.reshape(next(), [1, 1, plan.outputs]);
    const latents: tf.Tensor2D = index === 0 && batch.latentMask ? tf.mul(codes, batch.latentMask) : codes;
    const columns = layerColumns(spec, plan, weight);
    const products: tf.Tensor2D[] = [];
    if (columns.hidden) products.push(tf.matMul(traces[index - 1].output, tf.transpose(columns.hidden)));
    if (columns.point) products.push(tf.matMul(batch.points, tf.transpose(columns.point)));
    const product = tf.reshape(products.length === 2 ? tf.add(products[0], products[1]) : products[0], [groups, -1, plan.outputs]);
    const folded = columns.latent && tf.reshape(tf.matMul(latents, tf.transpose(columns.latent)), [groups, 1, plan.outputs]);
    const sums: tf.Tensor2D = tf.reshape(tf.add(product, folded ? tf.add(folded, bias) : bias), [-1, plan.outputs]);
    const normalized = plan.normalization === 'layer' ? layerNorm(sums, next(), next()) : undefined;
    const preActivation = normalized?.output ?? sums;
    const activated = activate(plan.activation, spec.activationScale, preActivation);
    const mask = batch.masks[index];
    const output: tf.Tensor2D = mask ? tf.mul(activated, mask) : activated;
    traces.push({ plan, weightNorm: norm, layerNorm: normalized?.trace, weight, latents, preActivation, output });
  }
  return traces;
}

function backward(spec: DecoderSpec, traces: readonly LayerTrace[], batch: DeviceBatch, upstream: tf.Tensor2D): tf.Tensor[] {
  const gradients: tf.Tensor[] = [];
  let latentGradient: tf.Tensor2D = tf.zerosLike(traces[0].latents);
  let gradient = upstream;
  for (let index = traces.length - 1; index >= 0; index--) {
    const { plan, weight, latents, preActivation, ...trace } = traces[index];
    const columns = layerColumns(spec, plan, weight);
    const mask = batch.masks[index];
    let passed = activationGradient(plan.activation, spec.activationScale, preActivation, mask ? tf.mul(gradient, mask) : gradient);
    const normGradients: tf.Tensor[] = [];
    if (trace.layerNorm) {
      normGradients.push(columnSums(tf.mul(passed, trace.layerNorm.normalized), batch), columnSums(passed, batch));
      passed = layerNormGradient(trace.layerNorm, passed);
    }
    const transposed = tf.transpose(passed);
    const byGroup: tf.Tensor2D = tf.matMul(batch.membership, passed);
    const parts: tf.Tensor2D[] = [];
    if (columns.hidden) parts.push(tf.matMul(transposed, traces[index - 1].output));
    if (columns.latent) {
      parts.push(tf.matMul(tf.transpose(byGroup), latents));
      const entering: tf.Tensor2D = tf.matMul(byGroup, columns.latent);
      latentGradient = tf.add(latentGradient, index === 0 && batch.latentMask ? tf.mul(entering, batch.latentMask) : entering);
    }
    if (columns.point) parts.push(tf.matMul(transposed, batch.points));
    const weightGradient = parts.length === 1 ? parts[0] : tf.concat2d(parts, 1);
    const weightGradients = trace.weightNorm ? weightNormGradient(trace.weightNorm, weightGradient) : [weightGradient];
    gradients.unshift(...weightGradients, tf.sum(byGroup, 0), ...normGradients);
    if (columns.hidden) gradient = tf.matMul(passed, columns.hidden);
  }
  gradients.push(tf.matMul(tf.transpose(batch.choice), latentGradient));
  return gradients;
}

/** By a product first: sums across rows are slow. */
function columnSums(matrix: tf.Tensor2D, batch: DeviceBatch): tf.Tensor {
  return tf.sum(tf.matMul(batch.membership, matrix), 0);
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
