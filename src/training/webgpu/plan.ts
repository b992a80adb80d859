import { encodedPointLength, type LayerPlan, planLayers } from '../../decoder/spec.js';
import { TILE_DEPTH, type Tile, tilePadding } from '../../gpu/matrix/tile.js';
import { dropoutThreshold } from '../dropout.js';
import type { EngineSettings } from '../engine.js';
import { stateLayout, type TensorLayout } from '../state-layout.js';
import { NORMALIZATIONS } from './compose-kernels.js';
import type { LayerRecord, RunRecord } from './uniforms.js';

/** Where everything lies whose size does not depend on the batch. Counts are of numbers. */
export interface Plan {
  readonly settings: EngineSettings;
  readonly tile: Tile;
  readonly tensors: readonly TensorLayout[];
  /** Slices are not cut yet. */
  readonly layers: readonly LayerRecord[];
  /** Numbers in the state's parameters, the latent codes last. */
  readonly parameters: number;
  /** Of the effective decoder. */
  readonly decoder: number;
  /** Of the weights that samples are multiplied by. */
  readonly weights: number;
  readonly run: RunRecord;
}

/** @throws NeuralSdfError INVALID_SPEC */
export function planDevice(settings: EngineSettings, tile: Tile, gradientScale: number): Plan {
  const { spec, dropout } = settings;
  const plans = planLayers(spec);
  const pointLength = encodedPointLength(spec);
  const padding = tilePadding(tile);
  const pad = (count: number) => padTo(padding, count);
  const inputStrides = plans.map(({ hidden, point }) => pad(hidden + (point ? pointLength : 0)));
  const [parameters, decoder, weights, rows] = [room(), room(), room(), room()];
  const layers = plans.map((plan, index): LayerRecord => {
    const { outputs, inputs, hidden } = plan;
    const point = plan.point ? pointLength : 0;
    const [inputStride, outputStride] = [inputStrides[index], pad(outputs)];
    const norm = plan.normalization === 'layer' ? 2 * outputs : 0;
    const parameterAt = parameters(outputs * inputs);
    const weightNormAt = parameters(plan.normalization === 'weight' ? outputs : 0);
    const biasAt = parameters(outputs);
    const layerNormAt = parameters(norm);
    return {
      index,
      outputs,
      hidden,
      latent: plan.latent ? spec.codeLength : 0,
      point,
      inputStride,
      outputStride,
      nextStride: inputStrides[index + 1] ?? 0,
      normalization: NORMALIZATIONS.indexOf(plan.normalization),
      dropped: Number(isDropped(plan, index, dropout?.layers)),
      weightAt: weights(padTo(TILE_DEPTH, outputs) * inputStride),
      transposedAt: weights(padTo(TILE_DEPTH, hidden + point) * outputStride),
      parameterAt,
      biasAt,
      gainAt: plan.normalization === 'layer' ? layerNormAt : weightNormAt,
      decoderAt: decoder(outputs * inputs),
      decoderBiasAt: decoder(outputs + norm),
      rowAt: rows(outputStride),
      normSumAt: 0,
      partialAt: 0,
      slices: 0,
      rowsPerSlice: 0,
    };
  });
  const biasStride = rows(0);
  const sums = room(biasStride);
  const [lossSumAt, headSumAt] = [sums(4), sums(inputStrides[plans.length - 1])];
  for (const [i, layer] of layers.entries()) if (plans[i].normalization === 'layer') layer.normSumAt = sums(2 * layer.outputs);
  const latentsAt = parameters(settings.shapeCount * spec.codeLength);
  return {
    settings,
    tile,
    tensors: stateLayout(settings),
    layers,
    parameters: parameters(0),
    decoder: decoder(0),
    weights: weights(0),
    run: {
      layers: layers.length,
      codeLength: spec.codeLength,
      shapeCount: settings.shapeCount,
      latentsAt,
      biasStride,
      // Kernels take 64 columns at a time.
      sumStride: padTo(64, sums(0)),
      lossSumAt,
      headSumAt,
      ...runSettings(settings),
      gradientScale,
    },
  };
}

function runSettings({ spec, loss, delta, codeBound, gradientClip, dropout, eikonal }: EngineSettings) {
  const { probability, latentProbability } = dropout ?? { probability: 0, latentProbability: 0 };
  return {
    innerTanh: Number(spec.innerTanh),
    outputTanh: Number(spec.outputTanh),
    clampBothSides: Number(loss === 'clamped-l1'),
    dropoutThreshold: dropoutThreshold(probability),
    latentDropoutThreshold: dropoutThreshold(latentProbability),
    dropoutScale: 1 / (1 - probability),
    latentDropoutScale: 1 / (1 - latentProbability),
    activationScale: spec.activationScale,
    delta,
    stencilStep: eikonal?.step ?? 1,
    gradientClip: gradientClip ?? 0,
    // WGSL knows no infinity.
    codeBound: Math.min(codeBound, 1e30),
  };
}

export function padTo(multiple: number, count: number): number {
  return Math.ceil(count / multiple) * multiple;
}

/** The output is never dropped, whatever the list says. */
function isDropped(plan: LayerPlan, index: number, dropped: readonly number[] | undefined): boolean {
  return plan.activation !== 'linear' && (dropped?.includes(index) ?? false);
}

/** Hands out room: each call takes so much, and answers with where it begins. */
function room(from = 0): (count: number) => number {
  let end = from;
  return (count) => {
    end += count;
    return end - count;
  };
}
