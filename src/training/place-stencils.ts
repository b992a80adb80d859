import type { Random } from '../random.js';
import { placeStencil } from './eikonal.js';
import type { EikonalSettings } from './settings.js';

/**
 * Fills the rows behind a shape's samples with stencils of the eikonal term: every other one around the next sample that is near the
 * surface, where the samples' own density says what matters, the others anywhere in the cube.
 * @param points [samples + 4 * stencilsPerShape, 3], the samples first; model units
 * @param distances [samples] signed distance, model units
 * @param delta what is near, model units
 */
export function placeStencils(
  points: Float32Array,
  distances: Float32Array,
  { step, stencilsPerShape }: EikonalSettings,
  delta: number,
  random: Random,
): void {
  const samples = distances.length;
  let next = 0;
  for (let stencil = 0; stencil < stencilsPerShape; stencil++) {
    const offset = 3 * (samples + 4 * stencil);
    if (stencil % 2 === 0) {
      // Where no sample is near, any will do.
      for (let tried = 0; tried < samples && Math.abs(distances[next % samples]) >= delta; tried++) next++;
      const at = 3 * (next++ % samples);
      placeStencil(points[at], points[at + 1], points[at + 2], step, points, offset);
    } else {
      placeStencil(random.range(-1, 1), random.range(-1, 1), random.range(-1, 1), step, points, offset);
    }
  }
}
