import { createDecoder, type DecoderLayer } from '../decoder/decoder.js';
import { referenceParameterGradient } from '../decoder/reference.js';
import { planLayers } from '../decoder/spec.js';
import { adamFactors, adamStep } from './adam.js';
import { boundLatents } from './code-bound.js';
import type { EngineSettings, StepReport, StepSettings, TrainingBatch, TrainingEngine, TrainingState } from './engine.js';
import { sampleLoss, sampleLossDerivative } from './loss.js';
import { checkState, stateLayout } from './state-layout.js';
import { weightNormGradient } from './weight-norm.js';

export interface Objective {
  /** Mean loss over the samples, model units. */
  readonly loss: number;
  /** regularization * mean over the samples of |latent| */
  readonly prior: number;
  /** d (loss + prior) / d parameters, as TrainingState.parameters */
  readonly gradients: Float64Array[];
}

/**
 * What training minimises, with its gradients, in float64 and without any shortcut (Park 2019 eq. 9, the prior as in the
 * authors' code): the truth for every engine.
 * @param parameters as TrainingState.parameters
 * @throws NeuralSdfError SHAPE_MISMATCH, NOT_FINITE
 */
export function referenceObjective(
  settings: EngineSettings,
  parameters: readonly Float64Array[],
  batch: TrainingBatch,
  regularization: number,
): Objective {
  const { spec, loss: kind, delta } = settings;
  const { codeLength } = spec;
  const decoder = createDecoder(spec, effectiveLayers(settings, parameters));
  const into = decoder.layers.map((layer) => ({
    weight: new Float64Array(layer.weight.length),
    bias: new Float64Array(layer.bias.length),
  }));
  const table = parameters[parameters.length - 1];
  const tableGradient = new Float64Array(table.length);
  const count = batch.distances.length;
  let loss = 0;
  let prior = 0;
  for (let sample = 0; sample < count; sample++) {
    const shape = batch.shapes[Math.floor(sample / batch.samplesPerShape)];
    const latent = table.subarray(shape * codeLength, (shape + 1) * codeLength);
    const point = batch.points.subarray(3 * sample, 3 * sample + 3);
    const target = batch.distances[sample];
    const upstream = (distance: number) => sampleLossDerivative(kind, distance, target, delta) / count;
    const result = referenceParameterGradient(decoder, latent, point, upstream, into);
    loss += sampleLoss(kind, result.distance, target, delta) / count;
    const norm = Math.hypot(...latent);
    prior += (regularization * norm) / count;
    for (let i = 0; i < codeLength; i++) {
      const pull = norm > 0 ? (regularization * latent[i]) / norm / count : 0;
      tableGradient[shape * codeLength + i] += result.latent[i] + pull;
    }
  }
  return { loss, prior, gradients: [...stateGradients(settings, parameters, into), tableGradient] };
}

/** Layers with weight normalisation applied, in float64. */
function effectiveLayers(settings: EngineSettings, parameters: readonly Float64Array[]): DecoderLayer[] {
  let at = 0;
  return planLayers(settings.spec).map((plan) => {
    const v = parameters[at++];
    if (!plan.normalized) return { weight: v, bias: parameters[at++] };
    const g = parameters[at++];
    const scale = g.map((length, row) => {
      const norm = Math.hypot(...v.subarray(row * plan.inputs, (row + 1) * plan.inputs));
      return norm > 0 ? length / norm : 0;
    });
    const weight = v.map((value, i) => value * scale[Math.floor(i / plan.inputs)]);
    return { weight, bias: parameters[at++] };
  });
}

/** From gradients by effective weight to gradients by v, g and bias, in the state's order. */
function stateGradients(
  settings: EngineSettings,
  parameters: readonly Float64Array[],
  layers: readonly { weight: Float64Array; bias: Float64Array }[],
): Float64Array[] {
  let at = 0;
  return planLayers(settings.spec).flatMap((plan, index) => {
    const { weight, bias } = layers[index];
    const v = parameters[at++];
    const g = plan.normalized ? parameters[at++] : undefined;
    at++;
    if (!g) return [weight, bias];
    const gradient = weightNormGradient(v, g, weight, plan.inputs);
    return [gradient.v, gradient.g, bias];
  });
}

/** One training step after another in float64, sample by sample: slow, and obviously right. */
export class ReferenceEngine implements TrainingEngine {
  readonly description = 'float64 reference';
  private readonly _settings: EngineSettings;
  private _step = 0;
  private _parameters: Float64Array[] = [];
  private _firstMoments: Float64Array[] = [];
  private _secondMoments: Float64Array[] = [];

  constructor(settings: EngineSettings) {
    this._settings = settings;
  }

  async step(batch: TrainingBatch, settings: StepSettings): Promise<StepReport> {
    const { spec, codeBound } = this._settings;
    const { loss, gradients } = referenceObjective(this._settings, this._parameters, batch, settings.regularization);
    this._step++;
    const last = this._parameters.length - 1;
    this._parameters.forEach((parameters, i) => {
      // Dense for the latents too, as torch's Embedding: a shape that is not in the batch still moves by its momentum.
      const factors = adamFactors(i === last ? settings.latentRate : settings.decoderRate, this._step);
      adamStep(parameters, gradients[i], this._firstMoments[i], this._secondMoments[i], factors);
    });
    boundLatents(this._parameters[last], spec.codeLength, codeBound);
    return { loss };
  }

  async readState(): Promise<TrainingState> {
    const single = (tensors: Float64Array[]) => tensors.map((tensor) => Float32Array.from(tensor));
    return {
      step: this._step,
      parameters: single(this._parameters),
      firstMoments: single(this._firstMoments),
      secondMoments: single(this._secondMoments),
    };
  }

  async writeState(state: TrainingState): Promise<void> {
    checkState(stateLayout(this._settings), state);
    const double = (tensors: Float32Array[]) => tensors.map((tensor) => Float64Array.from(tensor));
    this._step = state.step;
    this._parameters = double(state.parameters);
    this._firstMoments = double(state.firstMoments);
    this._secondMoments = double(state.secondMoments);
  }

  dispose(): void {}
}
