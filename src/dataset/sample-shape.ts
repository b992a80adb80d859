import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';
import type { Random } from '../random.js';
import { sampleSurface } from './sample-surface.js';
import type { ShapeSamples } from './samples.js';
import { MAX_ORDERED_ROWS, spatialOrder } from './spatial-order.js';

/** Signed distance to a shape, model units. */
export interface SampleQuery {
  /** NaN where it cannot be told. */
  distance(x: number, y: number, z: number): number;
}

/** Settings of `sampleShape`; the defaults are DeepSDF's for training. */
export interface SampleShapeOptions {
  /** Samples, inside and outside together. */
  readonly count: number;
  /** Share of them that is uniform in the cube [-1, 1]^3; the rest lies near the surface. */
  readonly uniformShare: number;
  /** Each surface point is used once with each of these variances of Gaussian noise per axis, squared model units. */
  readonly variances: readonly number[];
}

/** What DeepSDF samples to train on, and to test how well a decoder fits shapes that it does not know. */
export const SAMPLE_VARIANTS = {
  train: { count: 500_000, uniformShare: 3 / 50, variances: [0.005, 0.0005] },
  test: { count: 250_000, uniformShare: 5 / 50, variances: [0.05, 0.0005] },
} as const satisfies Readonly<Record<string, SampleShapeOptions>>;

export type SampleVariant = keyof typeof SAMPLE_VARIANTS;

export const DEFAULT_SAMPLE_SHAPE_OPTIONS: SampleShapeOptions = SAMPLE_VARIANTS.train;

/** What `sampleShape` drew. */
export interface DrawnSamples extends Pick<ShapeSamples, 'positive' | 'negative'> {
  /** Samples left out because their distance could not be told. */
  readonly dropped: number;
}

const PROGRESS_INTERVAL = 8192;

/**
 * Draws signed distance samples of a shape (Park 2019, section 5 and supplement B): most near the surface, some anywhere.
 * @param query signed distance of the normalised mesh
 * @param mesh the normalised mesh, or what of it is surface
 * @param onProgress called now and then with the share done, 0 to 1
 * @throws NeuralSdfError INVALID_ARGUMENT, MESH_EMPTY
 */
export function sampleShape(
  query: SampleQuery,
  mesh: TriangleMesh,
  options: Partial<SampleShapeOptions>,
  random: Random,
  onProgress?: (done: number) => void,
): DrawnSamples {
  const { count, uniformShare, variances } = { ...DEFAULT_SAMPLE_SHAPE_OPTIONS, ...options };
  if (!Number.isSafeInteger(count) || count < 1) throw invalid('count', count, 'a whole number above 0');
  if (!(uniformShare >= 0 && uniformShare <= 1)) throw invalid('uniformShare', uniformShare, 'between 0 and 1');
  if (uniformShare < 1 && (variances.length === 0 || variances.some((v) => !(v >= 0)))) throw invalid('variances', variances, '0 or more');

  const surfaceCount = Math.floor((count * (1 - uniformShare)) / Math.max(1, variances.length));
  const nearCount = surfaceCount * variances.length;
  const surface = sampleSurface(mesh, surfaceCount, random).points;
  const deviations = variances.map(Math.sqrt);
  const rows = new Float32Array(count * 4);
  for (let i = 0; i < count; i++) {
    for (let axis = 0; axis < 3; axis++) {
      rows[4 * i + axis] =
        i < nearCount
          ? surface[3 * Math.floor(i / variances.length) + axis] + deviations[i % variances.length] * random.normal()
          : random.range(-1, 1);
    }
  }
  measure(rows, query, onProgress);
  return split(rows);
}

/** Fills the column of distances: they belong to the points as they are stored, in float32. */
function measure(rows: Float32Array, query: SampleQuery, onProgress?: (done: number) => void): void {
  const count = rows.length / 4;
  for (let done = 0; done < count; ) {
    const block = rows.subarray(4 * done, 4 * (done + MAX_ORDERED_ROWS));
    for (const row of spatialOrder(block, 4)) {
      const at = 4 * row;
      block[at + 3] = query.distance(block[at], block[at + 1], block[at + 2]);
      if (done % PROGRESS_INTERVAL === 0) onProgress?.(done / count);
      done++;
    }
  }
  onProgress?.(1);
}

function split(rows: Float32Array): DrawnSamples {
  let [inside, dropped] = [0, 0];
  for (let at = 3; at < rows.length; at += 4) {
    inside += Number(rows[at] < 0);
    dropped += Number(Number.isNaN(rows[at]));
  }
  const positive = new Float32Array(rows.length - 4 * (inside + dropped));
  const negative = new Float32Array(4 * inside);
  let positiveAt = 0;
  let negativeAt = 0;
  for (let at = 0; at < rows.length; at += 4) {
    const row = rows.subarray(at, at + 4);
    if (row[3] < 0) {
      negative.set(row, negativeAt);
      negativeAt += 4;
    } else if (row[3] >= 0) {
      positive.set(row, positiveAt);
      positiveAt += 4;
    }
  }
  return { positive, negative, dropped };
}

const invalid = (name: string, value: unknown, wanted: string): NeuralSdfError =>
  new NeuralSdfError('INVALID_ARGUMENT', `${name} is ${value}, it must be ${wanted}`, { name, value });
