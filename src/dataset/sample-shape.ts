import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';
import type { Random } from '../random.js';
import { sampleSurface } from './sample-surface.js';
import type { ShapeSamples } from './samples.js';
import type { SignedDistanceQuery } from './signed-distance.js';

/** Settings of `sampleShape`; the defaults are DeepSDF's for training. */
export interface SampleShapeOptions {
  /** Samples, inside and outside together. */
  readonly count: number;
  /** Share of them that is uniform in the cube [-1, 1]^3; the rest lies near the surface. */
  readonly uniformShare: number;
  /** Each surface point is used once with each of these variances of Gaussian noise per axis, squared model units. */
  readonly variances: readonly number[];
}

export const DEFAULT_SAMPLE_SHAPE_OPTIONS: SampleShapeOptions = { count: 500_000, uniformShare: 3 / 50, variances: [0.005, 0.0005] };

const PROGRESS_INTERVAL = 8192;

/**
 * Draws signed distance samples of a shape (Park 2019, section 5 and supplement B): most near the surface, some anywhere.
 * @param query signed distance of the normalised mesh
 * @param mesh the normalised mesh
 * @param onProgress called now and then with the share done, 0 to 1
 * @throws NeuralSdfError INVALID_ARGUMENT, MESH_EMPTY
 */
export function sampleShape(
  query: SignedDistanceQuery,
  mesh: TriangleMesh,
  options: Partial<SampleShapeOptions>,
  random: Random,
  onProgress?: (done: number) => void,
): Pick<ShapeSamples, 'positive' | 'negative'> {
  const { count, uniformShare, variances } = { ...DEFAULT_SAMPLE_SHAPE_OPTIONS, ...options };
  if (!Number.isSafeInteger(count) || count < 1) throw invalid('count', count, 'a whole number above 0');
  if (!(uniformShare >= 0 && uniformShare <= 1)) throw invalid('uniformShare', uniformShare, 'between 0 and 1');
  if (uniformShare < 1 && (variances.length === 0 || variances.some((v) => !(v >= 0)))) throw invalid('variances', variances, '0 or more');

  const surfaceCount = Math.floor((count * (1 - uniformShare)) / Math.max(1, variances.length));
  const nearCount = surfaceCount * variances.length;
  const surface = sampleSurface(mesh, surfaceCount, random).points;
  const deviations = variances.map(Math.sqrt);
  // float32 first, distance second: the distance belongs to the point as it is stored.
  const rows = new Float32Array(count * 4);
  const inside = new Uint8Array(count);
  let insideCount = 0;
  for (let i = 0; i < count; i++) {
    const at = 4 * i;
    for (let axis = 0; axis < 3; axis++) {
      rows[at + axis] =
        i < nearCount
          ? surface[3 * Math.floor(i / variances.length) + axis] + deviations[i % variances.length] * random.normal()
          : random.range(-1, 1);
    }
    const distance = query.distance(rows[at], rows[at + 1], rows[at + 2]);
    rows[at + 3] = distance;
    inside[i] = Number(distance < 0);
    insideCount += inside[i];
    if (i % PROGRESS_INTERVAL === 0) onProgress?.(i / count);
  }
  onProgress?.(1);
  return split(rows, inside, insideCount);
}

function split(rows: Float32Array, inside: Uint8Array, insideCount: number): Pick<ShapeSamples, 'positive' | 'negative'> {
  const positive = new Float32Array(rows.length - 4 * insideCount);
  const negative = new Float32Array(4 * insideCount);
  let positiveAt = 0;
  let negativeAt = 0;
  for (let i = 0; i < inside.length; i++) {
    const row = rows.subarray(4 * i, 4 * i + 4);
    if (inside[i]) {
      negative.set(row, negativeAt);
      negativeAt += 4;
    } else {
      positive.set(row, positiveAt);
      positiveAt += 4;
    }
  }
  return { positive, negative };
}

const invalid = (name: string, value: unknown, wanted: string): NeuralSdfError =>
  new NeuralSdfError('INVALID_ARGUMENT', `${name} is ${value}, it must be ${wanted}`, { name, value });
