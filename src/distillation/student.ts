import type { NeuralShapes } from '../asset/neural-shapes.js';
import { allHiddenLayers, type DecoderSpec } from '../decoder/spec.js';
import type { EngineSettings, TrainingState } from '../training/engine.js';
import { DEFAULT_TRAIN_SPEC, defaultTrainingSettings, type TrainingSettings } from '../training/settings.js';
import { decoderOfState } from '../training/state.js';

/** What a student may choose; its code is as long as the teacher's. */
export interface StudentForm {
  readonly width: number;
  readonly layers: number;
  readonly octaves: number;
}

/** The latent code in every layer costs a student nothing once folded, and lets a narrow one tell shapes apart. */
export function studentSpec(teacher: DecoderSpec, { width, layers, octaves }: StudentForm): DecoderSpec {
  const dims = Array<number>(layers).fill(width);
  return { ...DEFAULT_TRAIN_SPEC, codeLength: teacher.codeLength, dims, normLayers: allHiddenLayers(dims), fourierOctaves: octaves };
}

/**
 * How a student is trained: as an auto-decoder, except that its latent codes are the teacher's and stay so. Every edit and interpolation
 * of the teacher's codes then means the same to the student.
 * @param targets how many there are
 */
export function studentSettings(spec: DecoderSpec, { delta }: Pick<NeuralShapes, 'delta'>, targets: number): TrainingSettings {
  return {
    ...defaultTrainingSettings(spec),
    delta,
    codeBound: Number.POSITIVE_INFINITY,
    regularization: 0,
    decoderRate: { type: 'Cosine', initial: 5e-3 },
    latentRate: { type: 'Constant', value: 0 },
    shapesPerStep: Math.min(8, targets),
    samplesPerShape: 512,
  };
}

/** The trained student with the teacher's shapes: names, codes and ways back to original units are theirs. */
export function studentShapes(
  teacher: NeuralShapes,
  settings: EngineSettings,
  state: TrainingState,
): Pick<NeuralShapes, 'decoder' | 'shapes' | 'delta'> {
  const shapes = teacher.shapes.map(({ name, latent, normalization }) => ({ name, latent, ...(normalization && { normalization }) }));
  return { decoder: decoderOfState(settings, state), shapes, delta: teacher.delta };
}
