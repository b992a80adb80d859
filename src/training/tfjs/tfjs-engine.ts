import * as tf from '@tensorflow/tfjs-core';
import { encodePoint } from '../../decoder/encoding.js';
import { encodedPointLength } from '../../decoder/spec.js';
import { NeuralSdfError } from '../../errors.js';
import { adamFactors } from '../adam.js';
import {
  ADAM,
  type EngineSettings,
  type StepReport,
  type StepSettings,
  type TrainingBatch,
  type TrainingEngine,
  type TrainingState,
} from '../engine.js';
import { clampDistance, predictionBounds } from '../loss.js';
import { checkState, stateLayout, type TensorLayout } from '../state-layout.js';
import { activateTfjsBackend, openTfjsBackend, type TfjsBackend, type TfjsPlatform } from './tfjs-backend.js';
import { type DeviceBatch, lossAndGradients, rowNorms } from './tfjs-gradients.js';

/** Parameters that share a learning rate, end to end in one tensor: an Adam step is then a dozen operations, not hundreds. */
interface Slot {
  values: tf.Tensor1D;
  first: tf.Tensor1D;
  second: tf.Tensor1D;
}

/** Reading a number back stalls a GPU: there the loss is read only so often, and reported late. */
const GPU_LOSS_INTERVAL = 20;

/**
 * wasm has no way to flush denormals, which the moments of dead units decay into and which are 50 times as slow: values
 * below this are set to 0 every FLUSH_INTERVAL steps. Part of the step, so that a resumed run repeats it.
 */
const TINY = 1e-30;
const FLUSH_INTERVAL = 64;

/** WGSL may assume that there are no infinities: farther than any signed distance is as good. */
const FAR = 1e30;

/**
 * Auto-decoder training in TensorFlow.js: the reference among the fast engines, and the one for real GPUs.
 * @throws NeuralSdfError BACKEND_UNAVAILABLE, INVALID_SPEC
 */
export async function createTfjsEngine(
  settings: EngineSettings,
  options: { backend: TfjsBackend; platform?: TfjsPlatform },
): Promise<TrainingEngine> {
  const layout = stateLayout(settings);
  await openTfjsBackend(options.backend, options.platform);
  return new TfjsEngine(settings, layout, options.backend);
}

class TfjsEngine implements TrainingEngine {
  readonly description: string;
  private readonly _settings: EngineSettings;
  private readonly _layout: TensorLayout[];
  private readonly _backend: TfjsBackend;
  private _step = 0;
  private _loss = Number.NaN;
  private _decoder: Slot | undefined;
  private _latents: Slot | undefined;

  constructor(settings: EngineSettings, layout: TensorLayout[], backend: TfjsBackend) {
    this.description = `tfjs ${backend}`;
    this._settings = settings;
    this._layout = layout;
    this._backend = backend;
  }

  async step(batch: TrainingBatch, settings: StepSettings): Promise<StepReport> {
    activateTfjsBackend(this._backend);
    const loss = this._takeStep(batch, settings);
    if (this._backend !== 'webgpu') this._loss = loss.dataSync()[0];
    else if (this._step % GPU_LOSS_INTERVAL === 0 || Number.isNaN(this._loss)) this._loss = (await loss.data())[0];
    loss.dispose();
    return { loss: this._loss };
  }

  async readState(): Promise<TrainingState> {
    const { decoder, latents } = this._slots();
    const read = async (part: keyof Slot) => {
      const flat = (await decoder[part].data()) as Float32Array;
      const table = (await latents[part].data()) as Float32Array;
      let at = 0;
      const tensors = this._layout.slice(0, -1).map(({ length }) => {
        at += length;
        return flat.slice(at - length, at);
      });
      return [...tensors, table.slice()];
    };
    const step = this._step;
    const [parameters, firstMoments, secondMoments] = [await read('values'), await read('first'), await read('second')];
    return { step, parameters, firstMoments, secondMoments };
  }

  async writeState(state: TrainingState): Promise<void> {
    checkState(this._layout, state);
    activateTfjsBackend(this._backend);
    this.dispose();
    const slot = (first: number, last?: number): Slot => ({
      values: flatTensor(state.parameters.slice(first, last)),
      first: flatTensor(state.firstMoments.slice(first, last)),
      second: flatTensor(state.secondMoments.slice(first, last)),
    });
    this._decoder = slot(0, -1);
    this._latents = slot(-1);
    this._step = state.step;
    this._loss = Number.NaN;
  }

  dispose(): void {
    for (const slot of [this._decoder, this._latents]) if (slot) disposeSlot(slot);
    this._decoder = undefined;
    this._latents = undefined;
  }

  private _slots(): { decoder: Slot; latents: Slot } {
    if (!this._decoder || !this._latents) throw new NeuralSdfError('INVALID_ARGUMENT', 'training engine: call writeState first');
    return { decoder: this._decoder, latents: this._latents };
  }

  private _takeStep(batch: TrainingBatch, settings: StepSettings): tf.Scalar {
    const { decoder, latents } = this._slots();
    this._step++;
    const loss = tf.tidy(() => {
      const device = uploadBatch(this._settings, batch);
      const parameters = [...this._split(decoder.values), this._table(latents.values)];
      const { loss, gradients } = lossAndGradients(this._settings.spec, parameters, device);
      const flat: tf.Tensor1D[] = gradients.slice(0, -1).map((gradient) => tf.reshape(gradient, [-1]));
      const prior = this._priorGradient(latents.values, device, settings.regularization);
      const latentGradient = tf.add(gradients[gradients.length - 1], prior);
      this._decoder = this._adam(decoder, tf.concat1d(flat), settings.decoderRate);
      this._latents = this._adam(latents, tf.reshape(latentGradient, [-1]), settings.latentRate);
      return loss;
    });
    disposeSlot(decoder);
    disposeSlot(latents);
    this._bound();
    return loss;
  }

  /** Views of the flat parameters, one a tensor of the layout. */
  private _split(flat: tf.Tensor1D): tf.Tensor[] {
    let at = 0;
    return this._layout.slice(0, -1).map(({ shape, length }) => {
      const tensor = tf.reshape(tf.slice1d(flat, at, length), [...shape]);
      at += length;
      return tensor;
    });
  }

  private _table(flat: tf.Tensor1D): tf.Tensor2D {
    return tf.reshape(flat, [this._settings.shapeCount, this._settings.spec.codeLength]);
  }

  /** d (regularization * mean over the groups of |latent|) / d latent table; 0 for a code of length 0. */
  private _priorGradient(flat: tf.Tensor1D, batch: DeviceBatch, regularization: number): tf.Tensor2D {
    const latents: tf.Tensor2D = tf.matMul(batch.choice, this._table(flat));
    const norms = tf.maximum(rowNorms(latents), 1e-30);
    return tf.matMul(tf.transpose(batch.choice), tf.mul(tf.div(latents, norms), regularization / batch.choice.shape[0]));
  }

  private _adam(slot: Slot, gradient: tf.Tensor1D, rate: number): Slot {
    const { scale, rootScale } = adamFactors(rate, this._step);
    const clean = (moment: tf.Tensor1D): tf.Tensor1D =>
      this._step % FLUSH_INTERVAL === 0 ? tf.mul(moment, tf.cast(tf.greater(tf.abs(moment), TINY), 'float32')) : moment;
    const first = clean(tf.add(tf.mul(slot.first, ADAM.beta1), tf.mul(gradient, 1 - ADAM.beta1)));
    const second = clean(tf.add(tf.mul(slot.second, ADAM.beta2), tf.mul(tf.square(gradient), 1 - ADAM.beta2)));
    const denominator = tf.add(tf.mul(tf.sqrt(second), rootScale), ADAM.epsilon);
    const values = clean(tf.sub(slot.values, tf.div(tf.mul(first, scale), denominator)));
    return { values: tf.keep(values), first: tf.keep(first), second: tf.keep(second) };
  }

  /** Codes longer than the bound are scaled back to it, over the whole table, as in the reference engine. */
  private _bound(): void {
    const { codeBound } = this._settings;
    const { latents } = this._slots();
    if (!Number.isFinite(codeBound)) return;
    const values = tf.tidy(() => {
      const table = this._table(latents.values);
      const norms = tf.maximum(rowNorms(table), 1e-30);
      return tf.reshape(tf.mul(table, tf.minimum(tf.div(codeBound, norms), 1)), [-1]) as tf.Tensor1D;
    });
    latents.values.dispose();
    latents.values = values;
  }
}

function uploadBatch(settings: EngineSettings, batch: TrainingBatch): DeviceBatch {
  const { spec, shapeCount, loss, delta } = settings;
  const count = batch.distances.length;
  const groups = batch.shapes.length;
  const width = encodedPointLength(spec);
  const points = new Float32Array(count * width);
  const [target, low, high] = [new Float32Array(count), new Float32Array(count), new Float32Array(count)];
  for (let i = 0; i < count; i++) {
    // Here rather than on the GPU, whose sine is good to 2^-11 only.
    encodePoint(batch.points[3 * i], batch.points[3 * i + 1], batch.points[3 * i + 2], spec.fourierOctaves, points, i * width);
    const bounds = predictionBounds(loss, batch.distances[i], delta);
    target[i] = clampDistance(batch.distances[i], delta);
    low[i] = Math.max(bounds[0], -FAR);
    high[i] = Math.min(bounds[1], FAR);
  }
  const choice = new Float32Array(groups * shapeCount);
  const membership = new Float32Array(groups * count);
  for (let group = 0; group < groups; group++) {
    choice[group * shapeCount + batch.shapes[group]] = 1;
    const first = group * (count + batch.samplesPerShape);
    membership.fill(1, first, first + batch.samplesPerShape);
  }
  return {
    points: tf.tensor2d(points, [count, width]),
    target: tf.tensor1d(target),
    low: tf.tensor1d(low),
    high: tf.tensor1d(high),
    choice: tf.tensor2d(choice, [groups, shapeCount]),
    membership: tf.tensor2d(membership, [groups, count]),
  };
}

function flatTensor(parts: readonly Float32Array[]): tf.Tensor1D {
  const flat = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    flat.set(part, at);
    at += part.length;
  }
  return tf.tensor1d(flat);
}

function disposeSlot(slot: Slot): void {
  tf.dispose([slot.values, slot.first, slot.second]);
}
