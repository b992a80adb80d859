import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';
import { placeStencil } from '../../src/training/eikonal.js';
import type { EngineSettings, StepSettings, TrainingBatch, TrainingState } from '../../src/training/engine.js';
import { initializeState } from '../../src/training/state.js';

/** A small decoder with four layers, no width of which is a multiple of what kernels like. */
const BASE: DecoderSpec = { ...DEFAULT_DECODER_SPEC, codeLength: 5, dims: [22, 26, 22], latentIn: [2], outputTanh: false };
const PLAIN: DecoderSpec = { ...BASE, latentIn: [], normLayers: [], weightNorm: false };

/** Every kind of layer and term that a decoder can be trained with. */
export const LAYER_TYPES: Record<string, { spec: DecoderSpec; settings?: Partial<EngineSettings>; stencilsPerShape?: number }> = {
  skip: { spec: BASE },
  tanh: { spec: { ...BASE, outputTanh: true } },
  'tanh twice': { spec: { ...BASE, innerTanh: true, outputTanh: true } },
  'tanh inside only': { spec: { ...BASE, innerTanh: true } },
  'point in all': { spec: { ...BASE, xyzInAll: true } },
  'latent in all': { spec: { ...BASE, latentIn: [], latentInAll: true } },
  'octaves, latent in all': { spec: { ...BASE, latentIn: [], latentInAll: true, fourierOctaves: 2 } },
  'octaves, skip': { spec: { ...BASE, dims: [34, 34, 30], fourierOctaves: 1 } },
  'no normalisation': { spec: { ...BASE, normLayers: [] } },
  'weight norm of some, output too': { spec: { ...BASE, normLayers: [1, 3] } },
  'layer norm': { spec: { ...BASE, weightNorm: false } },
  'layer norm of some': { spec: { ...BASE, weightNorm: false, normLayers: [0, 2] } },
  sine: { spec: { ...PLAIN, activation: 'sine', activationScale: 10 } },
  'sine, weight norm, skip': { spec: { ...BASE, activation: 'sine', activationScale: 5 } },
  softplus: { spec: { ...PLAIN, latentIn: [2], activation: 'softplus', activationScale: 20 } },
  elu: { spec: { ...PLAIN, activation: 'elu' } },
  'layer norm, sine': { spec: { ...BASE, weightNorm: false, activation: 'sine', activationScale: 3 } },
  dropout: { spec: BASE, settings: { dropout: { layers: [0, 1, 2], probability: 0.2, latentProbability: 0 } } },
  'dropout of some, of the latent': { spec: BASE, settings: { dropout: { layers: [1], probability: 0.4, latentProbability: 0.2 } } },
  'dropout, layer norm, sine': {
    spec: { ...BASE, weightNorm: false, activation: 'sine', activationScale: 3 },
    settings: { dropout: { layers: [0, 1, 2], probability: 0.2, latentProbability: 0 } },
  },
  eikonal: { spec: BASE, settings: { eikonal: { weight: 0.1, step: 0.05 } }, stencilsPerShape: 6 },
  'eikonal, tanh, dropout': {
    spec: { ...BASE, outputTanh: true },
    settings: { eikonal: { weight: 0.1, step: 0.05 }, dropout: { layers: [1], probability: 0.2, latentProbability: 0 } },
    stencilsPerShape: 6,
  },
  'one layer': { spec: { ...PLAIN, dims: [24] } },
};

/** One step that an engine is to take as the reference does. */
export interface EngineCase {
  readonly settings: EngineSettings;
  readonly state: TrainingState;
  readonly batch: TrainingBatch;
  readonly step: StepSettings;
}

/** A layer type as a training step. @param samplesPerShape a multiple of 4 */
export function engineCase(name: string, change: Partial<EngineSettings> = {}, samplesPerShape = 40): EngineCase {
  const { spec, settings: own, stencilsPerShape = 0 } = LAYER_TYPES[name];
  const settings: EngineSettings = { spec, shapeCount: 5, loss: 'saturated-l1', delta: 0.1, codeBound: 1, ...own, ...change };
  return {
    settings,
    // Codes long enough that the bound bites for some shapes.
    state: initializeState(settings, 0.5, new Random(11)),
    batch: sphereBatch(new Random(5), samplesPerShape, stencilsPerShape, settings.eikonal?.step),
    step: { decoderRate: 3e-3, latentRate: 3e-3, regularization: 0.05, dropoutSeed: 0xdecafbad },
  };
}

/** Spheres of different radii: targets on both sides of delta. Shape 3 comes twice, shape 4 never. Stencils come last in each group. */
export function sphereBatch(random: Random, samplesPerShape = 40, stencilsPerShape = 0, stencilStep = 0.05): TrainingBatch {
  const shapes = Uint32Array.of(3, 0, 3, 1);
  const rows = samplesPerShape + 4 * stencilsPerShape;
  const points = new Float32Array(3 * shapes.length * rows);
  const distances = new Float32Array(shapes.length * rows);
  for (const [group, shape] of shapes.entries()) {
    for (let i = 0; i < samplesPerShape; i++) {
      const point = [0, 1, 2].map(() => random.range(-0.8, 0.8));
      points.set(point, 3 * (group * rows + i));
      distances[group * rows + i] = Math.hypot(...point) - 0.4 - 0.1 * shape;
    }
    for (let i = 0; i < stencilsPerShape; i++) {
      const [x, y, z] = [0, 1, 2].map(() => random.range(-0.8, 0.8));
      placeStencil(x, y, z, stencilStep, points, 3 * (group * rows + samplesPerShape + 4 * i));
    }
  }
  return { shapes, samplesPerShape: rows, points, distances, ...(stencilsPerShape > 0 && { stencilsPerShape }) };
}

/** Largest difference over the largest of `b`. */
export function relativeToLargest(a: ArrayLike<number>, b: ArrayLike<number>, floor = 1e-12): number {
  let error = 0;
  let largest = floor;
  for (let i = 0; i < b.length; i++) {
    error = Math.max(error, Math.abs(a[i] - b[i]));
    largest = Math.max(largest, Math.abs(b[i]));
  }
  return error / largest;
}
