import { loadSurfaceSamples } from '../../dataset/index.js';
import { evaluateShape, mean } from '../../evaluation/known-shapes.js';
import { Random } from '../../random.js';
import { decoderOfState, type EngineSettings, latentsOfState, type TrainingProbe } from '../../training/index.js';
import { createWasmEvaluator } from '../../wasm/wasm-evaluator.js';
import { spread } from '../spread.js';
import type { ShapeSet } from './inputs.js';

/** Shapes measured now and then while training. */
const SHAPES = 2;
/** No asset's step scale is known yet: steps this short are safe in decoders of every kind measured. */
const GRID = { resolution: 64, halfExtent: 1, stepScale: 0.6, normals: false };

/**
 * Chamfer distance of two of the shapes that are trained on, from a coarse mesh: the curve of it, not the last word.
 * @returns undefined where the folder has no surface samples to hold them against
 */
export async function createChamferProbe(
  { folder, instances }: ShapeSet,
  settings: EngineSettings,
  seed: number,
): Promise<TrainingProbe | undefined> {
  const shapes: { index: number; name: string; truth: Float32Array }[] = [];
  for (const index of spread(instances.length, SHAPES)) {
    const truth = (await loadSurfaceSamples(folder, instances[index]))?.points;
    if (truth && truth.length > 0) shapes.push({ index, name: instances[index].name, truth });
  }
  if (shapes.length === 0) return undefined;
  return {
    costShare: 0.03,
    measure: async (state) => {
      const latents = latentsOfState(settings, state);
      const evaluator = await createWasmEvaluator(decoderOfState(settings, state), latents[0]);
      const distances: number[] = [];
      for (const { index, name, truth } of shapes) {
        evaluator.setLatent(latents[index]);
        const { figures } = await evaluateShape(name, evaluator, truth, { ...GRID, delta: settings.delta }, new Random(seed + index));
        distances.push(figures.chamferX1000);
      }
      return { chamferX1000: mean(distances) };
    },
  };
}
