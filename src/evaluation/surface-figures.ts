import { type SurfaceSamples, sampleSurface } from '../dataset/sample-surface.js';
import { SignedDistanceQuery } from '../dataset/signed-distance.js';
import type { TriangleMesh } from '../mesh.js';
import { chamferDistance } from '../metrics/chamfer-distance.js';
import { cosineSimilarity } from '../metrics/cosine-similarity.js';
import { EARTH_MOVERS_POINTS, earthMoversDistance } from '../metrics/earth-movers-distance.js';
import { meshAccuracy } from '../metrics/mesh-accuracy.js';
import { meshCompletion } from '../metrics/mesh-completion.js';
import { type DistanceToSurface, pointToSurface } from '../metrics/point-to-surface.js';
import { PointTree } from '../metrics/point-tree.js';
import type { Random } from '../random.js';
import { drawSamples } from './draw-samples.js';
import { CHAMFER_POINTS } from './known-shapes.js';

/** What a shape should be, model units. */
export interface TrueSurface {
  /** At least one point; normals may be empty, where none are known. */
  readonly samples: SurfaceSamples;
  readonly mesh?: TriangleMesh;
}

/** Every figure that Park 2019 reports of one shape, unit-sphere units, and the distances to the surface itself. */
export interface SurfaceFigures {
  /** Chamfer distance x 1000, squared units. */
  readonly chamferX1000: number;
  readonly earthMovers: number;
  /** 90 % of the generated surface lies within this of the true mesh, or of the surface samples where there is no mesh. */
  readonly accuracy: number;
  /** Share of the true surface within 0.01 of the generated one. */
  readonly completion: number;
  /** 90 % of the true surface lies within this of the generated one. */
  readonly completionDistance: number;
  /** Of generated normals with the true ones, -1 to 1; undefined where the true ones are not known. */
  readonly cosineSimilarity?: number;
  /** The same without its sign: what a truth of unknown orientation allows. */
  readonly absoluteCosineSimilarity?: number;
  /** Mean distance of generated points to the true mesh; undefined without one. */
  readonly distanceToTruth?: number;
  /** Mean distance of true points to the generated mesh. */
  readonly distanceFromTruth: number;
}

/** A shape that decodes to nothing: the worst of each. */
export const EMPTY_FIGURES: SurfaceFigures = {
  chamferX1000: Number.POSITIVE_INFINITY,
  earthMovers: Number.POSITIVE_INFINITY,
  accuracy: Number.POSITIVE_INFINITY,
  completion: 0,
  completionDistance: Number.POSITIVE_INFINITY,
  cosineSimilarity: 0,
  absoluteCosineSimilarity: 0,
  distanceToTruth: Number.POSITIVE_INFINITY,
  distanceFromTruth: Number.POSITIVE_INFINITY,
};

/**
 * Compares a generated surface with the true one (Park 2019, supplement D).
 * @param generated model units
 * @throws NeuralSdfError MESH_EMPTY when either has no area or no point
 */
export function measureSurface(generated: TriangleMesh, truth: TrueSurface, random: Random): SurfaceFigures {
  const made = sampleSurface(generated, CHAMFER_POINTS, random);
  const wanted = drawSamples(truth.samples, CHAMFER_POINTS, random);
  const pairs = Math.min(EARTH_MOVERS_POINTS, wanted.points.length / 3);
  const few = [made, wanted].map((samples) => drawSamples(samples, pairs, random).points);
  const generatedMesh = meshDistance(generated);
  const trueMesh = truth.mesh && meshDistance(truth.mesh);
  const cosine = wanted.normals.length > 0 ? cosineSimilarity(made, wanted) : undefined;
  return {
    chamferX1000: 1000 * chamferDistance(made.points, wanted.points),
    earthMovers: earthMoversDistance(few[0], few[1]),
    accuracy: meshAccuracy(made.points, trueMesh ?? pointDistance(truth.samples.points)),
    completion: meshCompletion(wanted.points, generatedMesh),
    completionDistance: meshAccuracy(wanted.points, generatedMesh),
    cosineSimilarity: cosine?.signed,
    absoluteCosineSimilarity: cosine?.absolute,
    distanceToTruth: trueMesh && pointToSurface(made.points, trueMesh),
    distanceFromTruth: pointToSurface(wanted.points, generatedMesh),
  };
}

/** The sign method is given because nobody asks for a sign: finding out which one fits would take longer than all queries. */
const meshDistance = (mesh: TriangleMesh): DistanceToSurface => new SignedDistanceQuery(mesh, 'winding-number');

/** How far a point is from the truth: from its mesh, or from the surface samples, whose spacing then adds to it. */
export function distanceToTruth({ mesh, samples }: TrueSurface): DistanceToSurface {
  return mesh ? meshDistance(mesh) : pointDistance(samples.points);
}

function pointDistance(points: Float32Array): DistanceToSurface {
  const tree = new PointTree(points);
  return { unsignedDistance: (x, y, z) => Math.sqrt(tree.nearest(x, y, z).squaredDistance) };
}
