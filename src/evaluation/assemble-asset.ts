import type { NeuralShapes } from '../asset/neural-shapes.js';
import { normalKinkWidths } from '../decoder/kink-widths.js';
import type { TriangleMesh } from '../mesh.js';
import { bakeMesh } from '../meshing/bake-mesh.js';
import { Random } from '../random.js';
import { createWasmEvaluator } from '../wasm/wasm-evaluator.js';
import { measureStepScales, unlessEmpty } from './asset-step-scale.js';
import { evaluateShape, type ShapeFigures } from './known-shapes.js';

/** Normalised shapes reach 1 / 1.03 from the origin (the authors' buffer of 3 %); blends of them stay within this as well. */
const HALF_EXTENT = 1;

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
  const { known, random } = await measureStepScales(trained, {
    seed: options.seed,
    halfExtent: HALF_EXTENT,
    resolution: options.stepScaleResolution ?? 96,
    keepEmpty: tolerant,
  });
  const stepScale = Math.min(...known, ...random);
  const kinkWidths = normalKinkWidths(decoder, shapes[0].latent, HALF_EXTENT);
  const evaluator = await createWasmEvaluator(decoder, shapes[0].latent, { kinkWidths });
  const figures: ShapeFigures[] = [];
  const meshes: (TriangleMesh | undefined)[] = [];
  for (const [index, { name, latent }] of shapes.entries()) {
    options.onProgress?.(index / shapes.length, name);
    evaluator.setLatent(latent);
    const surface = surfaces[index];
    if (surface) {
      const points = new Random(options.seed + index);
      const { figures: figuresOfShape } = await evaluateShape(
        name,
        evaluator,
        surface,
        grid(options.evaluationResolution, stepScale),
        points,
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
