import type { NeuralShapes } from '../asset/neural-shapes.js';
import { NeuralSdfError } from '../errors.js';
import { analyzeLatents, randomLatent } from '../latent/latent-distribution.js';
import { bakeMesh } from '../meshing/bake-mesh.js';
import { measureStepScale } from '../metrics/step-scale.js';
import { Random } from '../random.js';
import { createWasmEvaluator } from '../wasm/wasm-evaluator.js';

/** Steps this short are safe in decoders of every kind measured; baking uses it until the asset's own is known. */
const CAUTIOUS_STEP_SCALE = 0.6;
/** As an editor's dice draws codes: near enough to the known ones that they still look like the category. */
const SPREAD = 0.85;

export interface StepScaleOptions {
  readonly seed: number;
  readonly halfExtent: number;
  /** Grid of the meshes that it is measured on. */
  readonly resolution: number;
  /** Known shapes that are measured, spread over all of them. Default 6. */
  readonly known?: number;
  /** Random codes besides, where there is more than one shape to draw between. Default 4. */
  readonly random?: number;
  /** Counts known shapes without a surface as safe at the cautious scale, instead of throwing. */
  readonly keepEmpty?: boolean;
}

/** One entry for each shape measured. */
export interface StepScales {
  readonly known: readonly number[];
  /** Of codes between the known ones, which are traced as well: edits, blends, dice. Those without a surface are left out. */
  readonly random: readonly number[];
}

/**
 * The step scale of each of some shapes of a decoder (see measureStepScale); the smallest of all is the asset's.
 * @throws NeuralSdfError EMPTY_SHAPE when a known shape has no surface, unless those are kept
 */
export async function measureStepScales(
  { decoder, shapes, delta }: Pick<NeuralShapes, 'decoder' | 'shapes' | 'delta'>,
  options: StepScaleOptions,
): Promise<StepScales> {
  const { seed, halfExtent, resolution } = options;
  const evaluator = await createWasmEvaluator(decoder, shapes[0].latent);
  const measure = async (latent: Float32Array, index: number) => {
    evaluator.setLatent(latent);
    const { mesh } = await bakeMesh(evaluator, { resolution, halfExtent, delta, stepScale: CAUTIOUS_STEP_SCALE, normals: false });
    return measureStepScale(evaluator, mesh, delta, new Random(seed + index), 20_000, halfExtent);
  };
  const known: number[] = [];
  const stride = Math.max(1, Math.floor(shapes.length / (options.known ?? 6)));
  for (let index = 0; index < shapes.length; index += stride) {
    const scale = await unlessEmpty(() => measure(shapes[index].latent, index), options.keepEmpty ?? false);
    known.push(scale ?? CAUTIOUS_STEP_SCALE);
  }
  const random: number[] = [];
  const distribution = analyzeLatents(shapes.map(({ latent }) => latent));
  const draw = new Random(seed);
  for (let index = 0; shapes.length > 1 && index < (options.random ?? 4); index++) {
    const latent = randomLatent(distribution, draw, SPREAD);
    const scale = await unlessEmpty(() => measure(latent, shapes.length + index), true);
    if (scale !== undefined) random.push(scale);
  }
  return { known, random };
}

/** undefined in place of EMPTY_SHAPE, where that is tolerated. */
export async function unlessEmpty<T>(make: () => Promise<T>, tolerant: boolean): Promise<T | undefined> {
  try {
    return await make();
  } catch (error) {
    if (tolerant && error instanceof NeuralSdfError && error.code === 'EMPTY_SHAPE') return undefined;
    throw error;
  }
}
