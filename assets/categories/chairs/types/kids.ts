import type { Draw } from '../../variety.js';
import type { ChairParameters } from '../parameters.js';
import { backOf, baseOf, NO_ARMS, seatOf } from './defaults.js';

/** Small, round and sturdy; most have a hole in the back to carry them by. */
export function kids(draw: Draw): ChairParameters {
  return {
    seat: seatOf({
      width: draw.between('width', 0.31, 0.36),
      depth: draw.between('depth', 0.29, 0.33),
      height: draw.between('height', 0.25, 0.31),
      thickness: draw.between('thickness', 0.045, 0.065),
      taper: draw.between('taper', 0.86, 1),
      corner: draw.between('corner', 0.4, 0.8),
      dish: draw.between('dish', 0, 0.012),
    }),
    back: backOf({
      height: draw.between('back height', 0.24, 0.32),
      flare: draw.between('flare', 0.9, 1.2),
      rake: draw.between('rake', 0.1, 0.24),
      hollow: draw.between('hollow', 0, 0.04),
      thickness: 0.045,
      corner: draw.between('back corner', 0.5, 1),
      hole: draw.sometimes('holed', 0.67) ? draw.between('hole', 0.055, 0.075) : 0,
    }),
    base: baseOf({
      thickness: draw.between('leg', 0.05, 0.062),
      taper: draw.between('leg taper', 0.75, 1),
      splay: draw.between('splay', 0.1, 0.24),
      square: draw.between('square', 0, 0.5),
    }),
    arms: NO_ARMS,
  };
}
