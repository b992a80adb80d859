import type { NeuralShapes } from '../asset/neural-shapes.js';
import { Random } from '../random.js';
import { createWasmEvaluator } from '../wasm/wasm-evaluator.js';
import { bakeUnlessEmpty } from './known-shapes.js';
import { drawMesh, drawPoints, type Picture } from './picture.js';
import { EMPTY_FIGURES, measureSurface, type SurfaceFigures, type TrueSurface } from './surface-figures.js';

/** One shape of the asset, and what it should be. */
export interface EvaluationCase {
  /** Index in the asset. */
  readonly shape: number;
  /** Called when the shape's turn comes, so that one truth at a time is held. */
  loadTruth(): Promise<TrueSurface>;
}

export interface EvaluateAssetOptions {
  /** Grid cells along a side of the cube that the surface is extracted from. */
  readonly resolution: number;
  readonly seed: number;
  /** Side of the pictures, pixels. */
  readonly pictureSize: number;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface EvaluatedShape {
  readonly name: string;
  /** The latent code decodes to no surface at all. */
  readonly empty: boolean;
  /** What accuracy was measured against. */
  readonly against: 'mesh' | 'samples';
  /** Connected parts of the generated surface; more than the true shape has are strays. */
  readonly components: number;
  readonly triangles: number;
  readonly figures: SurfaceFigures;
  readonly pictures: { readonly truth: Picture; readonly generated?: Picture };
}

/**
 * Scores shapes of an asset against their true surfaces, and draws both.
 * @throws NeuralSdfError RESOLUTION_TOO_LARGE, BACKEND_UNAVAILABLE without WebAssembly SIMD, and what loading a truth throws
 */
export async function evaluateAsset(
  { decoder, shapes, delta, stepScale, halfExtent }: NeuralShapes,
  cases: readonly EvaluationCase[],
  { resolution, seed, pictureSize, onProgress }: EvaluateAssetOptions,
): Promise<EvaluatedShape[]> {
  const evaluator = await createWasmEvaluator(decoder, shapes[0].latent);
  const evaluated: EvaluatedShape[] = [];
  for (const [index, { shape, loadTruth }] of cases.entries()) {
    const { name, latent } = shapes[shape];
    onProgress?.(index / cases.length, name);
    const truth = await loadTruth();
    evaluator.setLatent(latent);
    const baked = await bakeUnlessEmpty(evaluator, { resolution, halfExtent, delta, stepScale });
    evaluated.push({
      name,
      empty: !baked,
      against: truth.mesh ? 'mesh' : 'samples',
      components: baked?.report.components ?? 0,
      triangles: baked?.report.triangles ?? 0,
      figures: baked ? measureSurface(baked.mesh, truth, new Random(seed + index)) : EMPTY_FIGURES,
      pictures: {
        truth: truth.mesh ? drawMesh(truth.mesh, pictureSize) : drawPoints(truth.samples, pictureSize),
        generated: baked && drawMesh(baked.mesh, pictureSize),
      },
    });
  }
  onProgress?.(1, '');
  return evaluated;
}
