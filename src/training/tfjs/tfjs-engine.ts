import * as tf from '@tensorflow/tfjs-core';
import { NeuralSdfError } from '../../errors.js';
import type { EngineSettings, StepReport, StepSettings, TrainingBatch, TrainingEngine, TrainingState } from '../engine.js';
import { checkState, stateLayout, type TensorLayout } from '../state-layout.js';
import { activateTfjsBackend, openTfjsBackend, type TfjsBackend, type TfjsPlatform } from './tfjs-backend.js';
import { type DeviceBatch, uploadBatch } from './tfjs-batch.js';
import { lossAndGradients } from './tfjs-gradients.js';
import { rowNorms } from './tfjs-normalization.js';
import { adam, clipLength, disposeSlot, flatTensor, type Slot } from './tfjs-slot.js';

/** Reading a number back stalls a GPU: there the loss is read only so often, and reported late. */
const GPU_LOSS_INTERVAL = 20;

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
    const step = this._step + 1;
    const loss = tf.tidy(() => {
      const device = uploadBatch(this._settings, batch, settings.dropoutSeed);
      const parameters = [...this._split(decoder.values), this._table(latents.values)];
      const { loss, gradients } = lossAndGradients(this._settings, parameters, device);
      const flat: tf.Tensor1D[] = gradients.slice(0, -1).map((gradient) => tf.reshape(gradient, [-1]));
      const prior = this._priorGradient(latents.values, device, settings.regularization);
      const latentGradient = tf.add(gradients[gradients.length - 1], prior);
      const clipped = clipLength(tf.concat1d(flat), this._settings.gradientClip);
      this._decoder = adam(decoder, clipped, settings.decoderRate, step);
      this._latents = adam(latents, tf.reshape(latentGradient, [-1]), settings.latentRate, step);
      return loss;
    });
    this._step = step;
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
