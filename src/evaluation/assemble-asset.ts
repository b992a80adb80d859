import type { NeuralShapes } from '../asset/neural-shapes.js';
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
  /** Shapes that get a baked mesh, by index. */
  readonly baked: readonly number[];
  readonly seed: number;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface AssembledAsset {
  readonly asset: NeuralShapes;
  /** One for each shape whose true surface was given. */
  readonly figures: readonly ShapeFigures[];
}

/**
 * From what training leaves to a whole asset: measures the step scale, bakes the stand-in meshes, and scores each shape
 * against its true surface.
 * @param surfaces [n, 3] points on each shape's true surface, model units; undefined where there are none
 * @throws NeuralSdfError EMPTY_SHAPE when a shape that is to be baked has no surface
 */
export async function assembleAsset(
  trained: Pick<NeuralShapes, 'decoder' | 'shapes' | 'delta'>,
  surfaces: readonly (Float32Array | undefined)[],
  options: AssembleOptions,
): Promise<AssembledAsset> {
  const { decoder, shapes, delta } = trained;
  const grid = (resolution: number, stepScale: number) => ({ resolution, halfExtent: HALF_EXTENT, delta, stepScale });
  const stepScale = await stepScaleOf(trained, options.seed);
  const evaluator = await createWasmEvaluator(decoder, shapes[0].latent);
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
    meshes.push(options.baked.includes(index) ? (await bakeMesh(evaluator, grid(options.bakeResolution, stepScale))).mesh : undefined);
  }
  options.onProgress?.(1, '');
  const withMeshes = shapes.map((shape, index) => ({ ...shape, bakedMesh: meshes[index] }));
  return { asset: { decoder, delta, stepScale, halfExtent: HALF_EXTENT, shapes: withMeshes }, figures };
}

async function stepScaleOf({ decoder, shapes, delta }: Pick<NeuralShapes, 'decoder' | 'shapes' | 'delta'>, seed: number): Promise<number> {
  const evaluator = await createWasmEvaluator(decoder, shapes[0].latent);
  const stride = Math.max(1, Math.floor(shapes.length / STEP_SCALE_SHAPES));
  let scale = 1;
  for (let index = 0; index < shapes.length; index += stride) {
    evaluator.setLatent(shapes[index].latent);
    const baking = { resolution: 96, halfExtent: HALF_EXTENT, delta, stepScale: CAUTIOUS_STEP_SCALE, normals: false };
    const { mesh } = await bakeMesh(evaluator, baking);
    scale = Math.min(scale, measureStepScale(evaluator, mesh, delta, new Random(seed + index), 20_000, HALF_EXTENT));
  }
  return scale;
}
