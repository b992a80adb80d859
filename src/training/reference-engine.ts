import { createDecoder, type DecoderLayer } from '../decoder/decoder.js';
import { type LayerGradient, type ReferenceDropout, type ReferenceSample, referenceSample, zeroGradients } from '../decoder/reference.js';
import { planLayers } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';
import { adamFactors, adamStep } from './adam.js';
import { clipGradients } from './clip-gradients.js';
import { boundLatents } from './code-bound.js';
import { dropoutKey, dropoutThreshold, isKept, LATENT_LAYER } from './dropout.js';
import { eikonalLoss } from './eikonal.js';
import type { EngineSettings, StepReport, StepSettings, TrainingBatch, TrainingEngine, TrainingState } from './engine.js';
import { sampleLoss, sampleLossDerivative } from './loss.js';
import { checkState, stateLayout } from './state-layout.js';
import { weightNormGradient } from './weight-norm.js';

export interface Objective {
  /** Mean loss over the samples, model units. */
  readonly loss: number;
  /** regularization * mean over the samples of |latent| */
  readonly prior: number;
  /** Eikonal weight * mean over the stencils of (|gradient| - 1)^2 */
  readonly eikonal: number;
  /** d (loss + prior + eikonal) / d parameters, as TrainingState.parameters, not clipped */
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
  step: Pick<StepSettings, 'regularization' | 'dropoutSeed'>,
): Objective {
  const { spec, loss: kind, delta } = settings;
  const { codeLength } = spec;
  const { samplesPerShape, stencilsPerShape = 0 } = batch;
  const decoder = createDecoder(spec, effectiveLayers(settings, parameters));
  const into = zeroGradients(decoder);
  const table = parameters[parameters.length - 1];
  const tableGradient = new Float64Array(table.length);
  const groups = batch.shapes.length;
  const distanceRows = samplesPerShape - 4 * stencilsPerShape;
  const [sampleCount, stencilCount] = [groups * distanceRows, groups * stencilsPerShape];
  const { weight: eikonalWeight, step: stencilStep } = settings.eikonal ?? { weight: 0, step: 1 };
  const sums = { loss: 0, prior: 0, eikonal: 0 };
  for (const [group, shape] of batch.shapes.entries()) {
    const latent = table.subarray(shape * codeLength, (shape + 1) * codeLength);
    const latentGradient = tableGradient.subarray(shape * codeLength, (shape + 1) * codeLength);
    const sampleAt = (row: number) =>
      referenceSample(decoder, latent, batch.points.subarray(3 * row, 3 * row + 3), dropoutOf(settings, group, row, step.dropoutSeed));
    const pass = (sample: ReferenceSample, upstream: number) => {
      for (const [i, value] of sample.backward(upstream, into).entries()) latentGradient[i] += value;
    };
    const first = group * samplesPerShape;
    for (let row = first; row < first + distanceRows; row++) {
      const sample = sampleAt(row);
      sums.loss += sampleLoss(kind, sample.distance, batch.distances[row], delta) / sampleCount;
      pass(sample, sampleLossDerivative(kind, sample.distance, batch.distances[row], delta) / sampleCount);
    }
    for (let row = first + distanceRows; row < first + samplesPerShape; row += 4) {
      const samples = [0, 1, 2, 3].map((corner) => sampleAt(row + corner));
      const { loss, derivatives } = eikonalLoss(
        samples.map(({ distance }) => distance),
        stencilStep,
      );
      sums.eikonal += (eikonalWeight * loss) / stencilCount;
      for (const [corner, sample] of samples.entries()) pass(sample, (eikonalWeight * derivatives[corner]) / stencilCount);
    }
    const norm = Math.hypot(...latent);
    sums.prior += (step.regularization * norm) / groups;
    for (let i = 0; i < codeLength; i++) latentGradient[i] += norm > 0 ? (step.regularization * latent[i]) / norm / groups : 0;
  }
  return { ...sums, gradients: [...stateGradients(settings, parameters, into), tableGradient] };
}

/** One row's masks. @throws NeuralSdfError INVALID_ARGUMENT where there is dropout, but no seed */
function dropoutOf({ spec, dropout }: EngineSettings, group: number, row: number, seed: number | undefined): ReferenceDropout | undefined {
  if (!dropout) return undefined;
  if (seed === undefined) throw new NeuralSdfError('INVALID_ARGUMENT', 'training step: dropout needs a dropoutSeed');
  const { layers, probability, latentProbability } = dropout;
  const plans = planLayers(spec);
  const factor = (layer: number, index: number, p: number) =>
    isKept(dropoutKey(seed, layer), index, dropoutThreshold(p)) ? 1 / (1 - p) : 0;
  return {
    unit: (layer, unit) => (layers.includes(layer) ? factor(layer, row * plans[layer].outputs + unit, probability) : 1),
    latent: (index) => (latentProbability > 0 ? factor(LATENT_LAYER, group * spec.codeLength + index, latentProbability) : 1),
  };
}

/** Layers with weight normalisation applied, in float64. */
function effectiveLayers(settings: EngineSettings, parameters: readonly Float64Array[]): DecoderLayer[] {
  let at = 0;
  const next = () => parameters[at++];
  return planLayers(settings.spec).map((plan): DecoderLayer => {
    const v = next();
    const weight = plan.normalization === 'weight' ? normalizedWeight(v, next(), plan.inputs) : v;
    const bias = next();
    return plan.normalization === 'layer' ? { weight, bias, layerNorm: { gain: next(), shift: next() } } : { weight, bias };
  });
}

function normalizedWeight(v: Float64Array, g: Float64Array, columns: number): Float64Array {
  const scale = g.map((length, row) => {
    const norm = Math.hypot(...v.subarray(row * columns, (row + 1) * columns));
    return norm > 0 ? length / norm : 0;
  });
  return v.map((value, i) => value * scale[Math.floor(i / columns)]);
}

/** From gradients by effective weight to gradients by the state's parameters, in its order. */
function stateGradients(settings: EngineSettings, parameters: readonly Float64Array[], layers: readonly LayerGradient[]): Float64Array[] {
  let at = 0;
  return planLayers(settings.spec).flatMap((plan, index) => {
    const { weight, bias, layerNorm } = layers[index];
    const v = parameters[at];
    const g = parameters[at + 1];
    at += plan.normalization === 'weight' ? 3 : plan.normalization === 'layer' ? 4 : 2;
    if (layerNorm) return [weight, bias, layerNorm.gain, layerNorm.shift];
    if (plan.normalization === 'none') return [weight, bias];
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
    const { loss, gradients } = referenceObjective(this._settings, this._parameters, batch, settings);
    clipGradients(gradients.slice(0, -1), this._settings.gradientClip);
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
