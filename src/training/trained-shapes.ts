import type { NeuralShapes, Normalization } from '../asset/neural-shapes.js';
import { NeuralSdfError } from '../errors.js';
import type { EngineSettings, TrainingState } from './engine.js';
import { decoderOfState, latentsOfState } from './state.js';

/** One trained shape's name, and how its mesh was normalised, in the order of the samples. */
export interface TrainedShapeInfo {
  readonly name: string;
  readonly normalization?: Normalization;
}

/**
 * What a run has learnt, as the parts of an asset that training knows: no baked meshes, extent or step scale yet.
 * @throws NeuralSdfError SHAPE_MISMATCH when there are not as many infos as shapes, NOT_FINITE naming the layer
 */
export function trainedShapes(
  settings: EngineSettings,
  state: TrainingState,
  infos: readonly TrainedShapeInfo[],
): Pick<NeuralShapes, 'decoder' | 'shapes' | 'delta'> {
  if (infos.length !== settings.shapeCount) {
    throw new NeuralSdfError('SHAPE_MISMATCH', `${infos.length} shape names for ${settings.shapeCount} trained shapes`);
  }
  const latents = latentsOfState(settings, state);
  return {
    decoder: decoderOfState(settings, state),
    shapes: infos.map(({ name, normalization }, i) => ({ name, latent: latents[i], normalization })),
    delta: settings.delta,
  };
}
