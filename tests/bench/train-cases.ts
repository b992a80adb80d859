import { DEFAULT_DECODER_SPEC, type DecoderSpec, multiplyAddsPerEvaluation, planLayers } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';
import type { EngineSettings, TrainingBatch } from '../../src/training/engine.js';

/** Groups of a batch: shapes in a step. */
export const GROUPS = 4;
/** Samples of each in a batch of 16,384. */
export const SAMPLES_PER_GROUP = 4096;

export interface BenchCase {
  readonly decoder: string;
  readonly spec: DecoderSpec;
  /** Probability; 0 for none. */
  readonly dropout: number;
  /** Samples a second of the same step in PyTorch: see PYTORCH. */
  readonly pytorch: number;
}

/** Where the figures of PyTorch are from: no run of this bench repeats them. */
export const PYTORCH = 'PyTorch 1.13 with OpenBLAS, 2 cores of the same kind, batch 16,384; one thread for 4x128, two for 8x512';

const small: DecoderSpec = { ...DEFAULT_DECODER_SPEC, codeLength: 32, dims: [128, 128, 128, 128], latentIn: [2] };

export const CASES: readonly BenchCase[] = [
  { decoder: '4x128, 32-d', spec: small, dropout: 0, pytorch: 180_000 },
  { decoder: '4x128, 32-d', spec: small, dropout: 0.2, pytorch: 95_000 },
  { decoder: '8x512, 256-d', spec: DEFAULT_DECODER_SPEC, dropout: 0, pytorch: 16_800 },
  { decoder: '8x512, 256-d', spec: DEFAULT_DECODER_SPEC, dropout: 0.2, pytorch: 9_400 },
];

/** Three passes of a multiply and an add a weight: how the figures of PyTorch are counted, whatever an engine saves itself. */
export function nominalFlopPerSample(spec: DecoderSpec): number {
  return 6 * planLayers(spec).reduce((sum, plan) => sum + plan.outputs * plan.inputs, 0);
}

/** What is left of it for an engine that folds the latent codes, and asks for no gradient by the points: what it really multiplies. */
export function foldedFlopPerSample(spec: DecoderSpec): number {
  const hidden = planLayers(spec).reduce((sum, plan) => sum + plan.outputs * plan.hidden, 0);
  return 2 * (2 * multiplyAddsPerEvaluation(spec) + hidden);
}

export function settingsOf({ spec, dropout }: BenchCase): EngineSettings {
  const layers = spec.dims.map((_, layer) => layer);
  return {
    spec,
    shapeCount: 9,
    loss: 'saturated-l1',
    delta: 0.1,
    codeBound: 1,
    ...(dropout > 0 && { dropout: { layers, probability: dropout, latentProbability: 0 } }),
  };
}

export function batchOf(samplesPerGroup: number): TrainingBatch {
  const random = new Random(1);
  const count = GROUPS * samplesPerGroup;
  return {
    shapes: Uint32Array.of(0, 3, 5, 8),
    samplesPerShape: samplesPerGroup,
    points: Float32Array.from({ length: 3 * count }, () => random.range(-1, 1)),
    distances: Float32Array.from({ length: count }, () => random.range(-0.2, 0.2)),
  };
}
