import type { NeuralShapes } from '../asset/neural-shapes.js';
import { normalKinkWidths } from '../decoder/kink-widths.js';
import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';
import { bakeMesh } from '../meshing/bake-mesh.js';
import { measureStepScale } from '../metrics/step-scale.js';
import { Random } from '../random.js';
import { createWasmEvaluator } from '../wasm/wasm-evaluator.js';
import { evaluateShape, type ShapeFigures } from './known-shapes.js';

/** Normalised shapes reach 1 / 1.03 from the origin (the authors' buffer of 3 %); blends of them stay within this as well. */
const HALF_EXTENT = 1;
/** Steps this short are safe in decoders of every kind measured; baking uses it until the asset's own is known. */
const CAUTIOUS_STEP_SCALE = 0.6;
/** Shapes whose step scale is measured; the smallest holds for the asset. */
const STEP_SCALE_SHAPES = 8;

export interface AssembleOptions {
  /** Grid for the figures; the literature's small tables use 128. */
  readonly evaluationResolution: number;
  /** Grid for the meshes that go into the asset. */
  readonly bakeResolution: number;
  /** Grid for the meshes that the step scale is measured on. Default 96. */
  readonly stepScaleResolution?: number;
  /** Shapes that get a baked mesh, by index. */
  readonly baked: readonly number[];
  /** A shape without a surface, as an untrained decoder has: 'refuse', the default, or 'keep' it without a mesh. */
  readonly emptyShapes?: 'refuse' | 'keep';
  readonly seed: number;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface AssembledAsset {
  readonly asset: NeuralShapes;
  /** One for each shape whose true surface was given. */
  readonly figures: readonly ShapeFigures[];
  /** Shapes that were to be baked and have no surface, by name. */
  readonly empty: readonly string[];
}

/**
 * From what training leaves to a whole asset: measures the step scale, bakes the stand-in meshes, and scores each shape
 * against its true surface.
 * @param surfaces [n, 3] points on each shape's true surface, model units; undefined where there are none
 * @throws NeuralSdfError EMPTY_SHAPE when a shape that is to be baked has no surface, unless those are kept
 */
export async function assembleAsset(
  trained: Pick<NeuralShapes, 'decoder' | 'shapes' | 'delta'>,
  surfaces: readonly (Float32Array | undefined)[],
  options: AssembleOptions,
): Promise<AssembledAsset> {
  const { decoder, shapes, delta } = trained;
  const grid = (resolution: number, stepScale: number) => ({ resolution, halfExtent: HALF_EXTENT, delta, stepScale });
  const tolerant = options.emptyShapes === 'keep';
  const stepScale = await stepScaleOf(trained, options.seed, options.stepScaleResolution ?? 96, tolerant);
  const kinkWidths = normalKinkWidths(decoder, shapes[0].latent, HALF_EXTENT);
  const evaluator = await createWasmEvaluator(decoder, shapes[0].latent, { kinkWidths });
  const figures: ShapeFigures[] = [];
  const meshes: (TriangleMesh | undefined)[] = [];
  for (const [index, { name, latent }] of shapes.entries()) {
    options.onProgress?.(index / shapes.length, name);
    evaluator.setLatent(latent);
    const surface = surfaces[index];
    if (surface) {
      const random = new Random(options.seed + index);
      const { figures: figuresOfShape } = await evaluateShape(
        name,
        evaluator,
        surface,
        grid(options.evaluationResolution, stepScale),
        random,
      );
      figures.push(figuresOfShape);
    }
    const bake = async () => (await bakeMesh(evaluator, grid(options.bakeResolution, stepScale))).mesh;
    meshes.push(options.baked.includes(index) ? await unlessEmpty(bake, tolerant) : undefined);
  }
  options.onProgress?.(1, '');
  const withMeshes = shapes.map((shape, index) => ({ ...shape, bakedMesh: meshes[index] }));
  const empty = options.baked.filter((index) => !meshes[index]).map((index) => shapes[index].name);
  return { asset: { decoder, delta, stepScale, halfExtent: HALF_EXTENT, shapes: withMeshes }, figures, empty };
}

async function stepScaleOf(
  { decoder, shapes, delta }: Pick<NeuralShapes, 'decoder' | 'shapes' | 'delta'>,
  seed: number,
  resolution: number,
  tolerant: boolean,
): Promise<number> {
  const evaluator = await createWasmEvaluator(decoder, shapes[0].latent);
  const stride = Math.max(1, Math.floor(shapes.length / STEP_SCALE_SHAPES));
  const scales: number[] = [];
  for (let index = 0; index < shapes.length; index += stride) {
    evaluator.setLatent(shapes[index].latent);
    const baking = { resolution, halfExtent: HALF_EXTENT, delta, stepScale: CAUTIOUS_STEP_SCALE, normals: false };
    const measure = async () => {
      const { mesh } = await bakeMesh(evaluator, baking);
      return measureStepScale(evaluator, mesh, delta, new Random(seed + index), 20_000, HALF_EXTENT);
    };
    scales.push((await unlessEmpty(measure, tolerant)) ?? CAUTIOUS_STEP_SCALE);
  }
  return Math.min(...scales);
}

/** undefined in place of EMPTY_SHAPE, where that is tolerated. */
async function unlessEmpty<T>(make: () => Promise<T>, tolerant: boolean): Promise<T | undefined> {
  try {
    return await make();
  } catch (error) {
    if (tolerant && error instanceof NeuralSdfError && error.code === 'EMPTY_SHAPE') return undefined;
    throw error;
  }
}
