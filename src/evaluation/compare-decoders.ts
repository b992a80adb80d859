import type { NeuralShapes } from '../asset/neural-shapes.js';
import { type SurfaceSamples, sampleSurface } from '../dataset/sample-surface.js';
import { SignedDistanceQuery } from '../dataset/signed-distance.js';
import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';
import { chamferDistance } from '../metrics/chamfer-distance.js';
import { normalAngle } from '../metrics/normal-angle.js';
import { type DistanceToSurface, pointToSurface } from '../metrics/point-to-surface.js';
import { Random } from '../random.js';
import { createWasmEvaluator } from '../wasm/wasm-evaluator.js';
import { bakeUnlessEmpty, CHAMFER_POINTS } from './known-shapes.js';
import type { TrueSurface } from './surface-figures.js';

/** A latent code at which two decoders of the same codes are compared. */
export interface ComparisonCase {
  readonly name: string;
  readonly latent: Float32Array;
  /** Neither decoder has been trained at this code. */
  readonly unseen: boolean;
  loadTruth?(): Promise<TrueSurface>;
}

/** How far a student's surface is from its teacher's, and each from the truth. Lengths in model units. */
export interface ComparedShape {
  readonly name: string;
  readonly unseen: boolean;
  /** Chamfer distance x 1000, 30,000 points; two samplings of one surface give about 0.09. */
  readonly chamferX1000: number;
  /** Mean distance of the student's surface to the teacher's, and the other way round, averaged. */
  readonly surfaceDistance: number;
  /** Mean angle between normals, degrees. */
  readonly normalAngle: number;
  /** Connected parts of either surface. */
  readonly components: { readonly teacher: number; readonly student: number };
  /** Where there is a truth: Chamfer distance x 1000 to it. */
  readonly truth?: { readonly teacher: number; readonly student: number };
}

export interface CompareOptions {
  /** Grid cells along a side. */
  readonly resolution: number;
  readonly seed: number;
  readonly onProgress?: (share: number, note: string) => void;
}

/**
 * What a distilled decoder lost, shape by shape. Unseen codes without a surface are left out.
 * @throws NeuralSdfError EMPTY_SHAPE when the teacher has none for a code that it was trained at; RESOLUTION_TOO_LARGE
 */
export async function compareDecoders(
  teacher: NeuralShapes,
  student: NeuralShapes,
  cases: readonly ComparisonCase[],
  { resolution, seed, onProgress }: CompareOptions,
): Promise<ComparedShape[]> {
  const sides = await Promise.all(
    [teacher, student].map(async (asset) => {
      const evaluator = await createWasmEvaluator(asset.decoder, cases[0].latent);
      const { delta, stepScale, halfExtent } = asset;
      return (latent: Float32Array) => {
        evaluator.setLatent(latent);
        return bakeUnlessEmpty(evaluator, { resolution, delta, stepScale, halfExtent });
      };
    }),
  );
  const compared: ComparedShape[] = [];
  for (const [index, { name, latent, unseen, loadTruth }] of cases.entries()) {
    onProgress?.(index / cases.length, name);
    const [wanted, made] = [await sides[0](latent), await sides[1](latent)];
    if (!wanted) {
      if (unseen) continue;
      throw new NeuralSdfError('EMPTY_SHAPE', `the teacher decodes '${name}' to no surface`, { name });
    }
    const random = new Random(seed + index);
    const truth = (await loadTruth?.())?.samples.points;
    const surfaces = [wanted, made].map((baked) => baked && surfaceOf(baked.mesh, random));
    compared.push({
      name,
      unseen,
      ...difference(surfaces[0]!, surfaces[1]),
      components: { teacher: wanted.report.components, student: made?.report.components ?? 0 },
      ...(truth && { truth: { teacher: chamferX1000(surfaces[0], truth), student: chamferX1000(surfaces[1], truth) } }),
    });
  }
  onProgress?.(1, '');
  return compared;
}

interface Surface {
  readonly samples: SurfaceSamples;
  readonly mesh: DistanceToSurface;
}

function surfaceOf(mesh: TriangleMesh, random: Random): Surface {
  // The sign method is given because nobody asks for a sign.
  return { samples: sampleSurface(mesh, CHAMFER_POINTS, random), mesh: new SignedDistanceQuery(mesh, 'winding-number') };
}

function difference(
  teacher: Surface,
  student: Surface | undefined,
): Pick<ComparedShape, 'chamferX1000' | 'surfaceDistance' | 'normalAngle'> {
  if (!student) return { chamferX1000: Number.POSITIVE_INFINITY, surfaceDistance: Number.POSITIVE_INFINITY, normalAngle: 180 };
  const there = pointToSurface(student.samples.points, teacher.mesh);
  const back = pointToSurface(teacher.samples.points, student.mesh);
  return {
    chamferX1000: chamferX1000(student, teacher.samples.points),
    surfaceDistance: (there + back) / 2,
    normalAngle: normalAngle(student.samples, teacher.samples),
  };
}

function chamferX1000(surface: Surface | undefined, points: Float32Array): number {
  return surface ? 1000 * chamferDistance(surface.samples.points, points) : Number.POSITIVE_INFINITY;
}
