import type { Decoder } from '../../decoder/decoder.js';
import { encodedPointLength, type LayerPlan, planLayers } from '../../decoder/spec.js';
import type { EngineSettings } from '../engine.js';
import { weightNormGradient } from '../weight-norm.js';
import type { OnnxTensor } from './load-onnxruntime.js';
import { biasName, gradientOf, weightName } from './step-graph.js';

/** Sums of what the step graph answers, and from them the gradients by the training state's parameters: all that the graph leaves out. */
export class ParameterGradients {
  private readonly _plans: readonly LayerPlan[];
  private readonly _pointLength: number;
  private readonly _codeLength: number;
  /** By effective weight, [outputs, inputs] */
  private readonly _weights: Float64Array[];
  private readonly _biases: Float64Array[];
  private readonly _latents: Float64Array;

  constructor(
    { spec, shapeCount }: EngineSettings,
    private readonly _decoder: Decoder,
  ) {
    this._plans = planLayers(spec);
    this._pointLength = encodedPointLength(spec);
    this._codeLength = spec.codeLength;
    this._weights = this._plans.map(({ outputs, inputs }) => new Float64Array(outputs * inputs));
    this._biases = this._plans.map(({ outputs }) => new Float64Array(outputs));
    this._latents = new Float64Array(shapeCount * spec.codeLength);
  }

  /** Adds one run of the graph, over samples of one shape. */
  add(answer: Readonly<Record<string, OnnxTensor>>, latent: Float32Array, shape: number): void {
    this._plans.forEach((plan, layer) => {
      const weight = answer[gradientOf(weightName(layer))].data as Float32Array;
      const bias = answer[gradientOf(biasName(layer))].data as Float32Array;
      this._addLayer(plan, layer, weight, bias);
      if (plan.latent) this._addLatent(plan, layer, bias, latent, shape);
    });
  }

  /** factor * |latent| is part of what is minimised. */
  addPrior(latent: Float32Array, shape: number, factor: number): void {
    const norm = Math.hypot(...latent);
    if (norm > 0) for (let i = 0; i < this._codeLength; i++) this._latents[shape * this._codeLength + i] += (factor * latent[i]) / norm;
  }

  /** In the order of TrainingState.parameters. */
  byState(parameters: readonly Float32Array[]): Float64Array[] {
    let at = 0;
    const layers = this._plans.flatMap(({ normalization, inputs }, layer) => {
      const [weight, bias] = [this._weights[layer], this._biases[layer]];
      const v = parameters[at];
      const g = parameters[at + 1];
      at += normalization === 'weight' ? 3 : 2;
      if (normalization !== 'weight') return [weight, bias];
      const gradient = weightNormGradient(v, g, weight, inputs);
      return [gradient.v, gradient.g, bias];
    });
    return [...layers, this._latents];
  }

  private _addLayer({ outputs, inputs, hidden, point }: LayerPlan, layer: number, weight: Float32Array, bias: Float32Array): void {
    const [into, intoBias] = [this._weights[layer], this._biases[layer]];
    const points = point ? this._pointLength : 0;
    const width = hidden + points;
    for (let row = 0; row < outputs; row++) {
      intoBias[row] += bias[row];
      const [from, to] = [row * width, row * inputs];
      for (let i = 0; i < hidden; i++) into[to + i] += weight[from + i];
      for (let i = 0; i < points; i++) into[to + inputs - points + i] += weight[from + hidden + i];
    }
  }

  /** The bias was W latent + b: its gradient spreads to both. */
  private _addLatent({ outputs, inputs, hidden }: LayerPlan, layer: number, bias: Float32Array, latent: Float32Array, shape: number): void {
    const { weight } = this._decoder.layers[layer];
    const into = this._weights[layer];
    const first = shape * this._codeLength;
    for (let row = 0; row < outputs; row++) {
      const at = row * inputs + hidden;
      for (let i = 0; i < this._codeLength; i++) {
        into[at + i] += bias[row] * latent[i];
        this._latents[first + i] += bias[row] * weight[at + i];
      }
    }
  }
}
