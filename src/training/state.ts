import { createDecoder, type Decoder, type DecoderLayer, initializeDecoder } from '../decoder/decoder.js';
import { planLayers } from '../decoder/spec.js';
import type { Random } from '../random.js';
import type { EngineSettings, TrainingState } from './engine.js';

/** Fresh state: PyTorch's linear initialisation, g = |v|, latents from N(0, codeStdDev^2). */
export function initializeState(settings: EngineSettings, codeStdDev: number, random: Random): TrainingState {
  const { spec, shapeCount } = settings;
  const plans = planLayers(spec);
  const parameters: Float32Array[] = [];
  initializeDecoder(spec, random).layers.forEach((layer, index) => {
    const weight = layer.weight as Float32Array;
    parameters.push(weight);
    if (plans[index].normalization === 'weight') parameters.push(rowNorms(weight, plans[index].inputs));
    parameters.push(layer.bias as Float32Array);
    if (layer.layerNorm) parameters.push(layer.layerNorm.gain as Float32Array, layer.layerNorm.shift as Float32Array);
  });
  parameters.push(Float32Array.from({ length: shapeCount * spec.codeLength }, () => random.normal() * codeStdDev));
  const zeros = () => parameters.map((tensor) => new Float32Array(tensor.length));
  return { step: 0, parameters, firstMoments: zeros(), secondMoments: zeros() };
}

/** The decoder that a state holds, weight normalisation applied. */
export function decoderOfState(settings: EngineSettings, state: TrainingState): Decoder {
  let at = 0;
  const layers = planLayers(settings.spec).map((plan): DecoderLayer => {
    const next = () => state.parameters[at++];
    const v = next();
    const weight = plan.normalization === 'weight' ? normalizeRows(v, next(), plan.inputs) : v.slice();
    const bias = next().slice();
    if (plan.normalization !== 'layer') return { weight, bias };
    return { weight, bias, layerNorm: { gain: next().slice(), shift: next().slice() } };
  });
  return createDecoder(settings.spec, layers);
}

/** Latent codes of a state, one per shape, [codeLength] each. */
export function latentsOfState(settings: EngineSettings, state: TrainingState): Float32Array[] {
  const { codeLength } = settings.spec;
  const table = state.parameters[state.parameters.length - 1];
  return Array.from({ length: settings.shapeCount }, (_, i) => table.slice(i * codeLength, (i + 1) * codeLength));
}

function rowNorms(matrix: Float32Array, columns: number): Float32Array {
  return Float32Array.from({ length: matrix.length / columns }, (_, row) =>
    Math.hypot(...matrix.subarray(row * columns, (row + 1) * columns)),
  );
}

/** w = g v / |v|, per output row (Salimans and Kingma 2016, as PyTorch's weight_norm with dim 0). */
export function normalizeRows(v: Float32Array, g: Float32Array, columns: number): Float32Array {
  const norms = rowNorms(v, columns);
  return v.map((value, i) => {
    const row = Math.floor(i / columns);
    // A row driven to zero stays zero instead of turning into NaN.
    return norms[row] > 0 ? (value * g[row]) / norms[row] : 0;
  });
}
