import type { SurfaceSamples } from '../dataset/sample-surface.js';
import type { Random } from '../random.js';

/**
 * So many of the given surface points, without repetition; all of them when there are not more.
 * @param samples normals may be empty, where none are known
 */
export function drawSamples({ points, normals }: SurfaceSamples, count: number, random: Random): SurfaceSamples {
  const rows = points.length / 3;
  if (rows <= count) return { points, normals };
  const order = random.shuffle(Uint32Array.from({ length: rows }, (_, i) => i)).subarray(0, count);
  return { points: takeRows(points, order), normals: normals.length > 0 ? takeRows(normals, order) : normals };
}

function takeRows(values: Float32Array, rows: Uint32Array): Float32Array {
  return Float32Array.from({ length: 3 * rows.length }, (_, i) => values[3 * rows[Math.floor(i / 3)] + (i % 3)]);
}
