import type { Draw } from '../../variety.js';
import type { MugParameters } from '../parameters.js';
import { bodyOf, handleOf } from './defaults.js';

/** Small and bowl-shaped, on a ring or a saucer. */
export function espresso(draw: Draw): MugParameters {
  const bottom = draw.between('bottom', 0.025, 0.029);
  const height = draw.between('height', 0.043, 0.056);
  const saucer = draw.index % 2 === 1;
  return {
    body: bodyOf({
      height,
      bottom,
      top: draw.between('top', 0.032, 0.039),
      belly: draw.between('belly', 0, 0.004),
      bellyAt: 0.45,
      flare: draw.between('flare', 0, 0.003),
      edge: Math.min(bottom * 0.8, height * 0.5),
      wall: saucer ? draw.between('wall', 0.0042, 0.0048) : draw.between('wall', 0.0034, 0.004),
    }),
    foot: saucer
      ? { style: 'saucer', height: draw.between('saucer height', 0.0055, 0.0075), radius: draw.between('saucer', 0.058, 0.066) }
      : { style: 'ring', height: draw.between('ring', 0.004, 0.007), radius: bottom * draw.between('ring radius', 0.6, 0.8) },
    handle: handleOf({
      style: (['c', 'ear', 'ear', 'c', 'angular', 'd', 'c'] as const)[draw.index],
      high: draw.between('high', 0.78, 0.86),
      low: draw.between('low', 0.36, 0.46),
      reach: draw.between('reach', 0.016, 0.02),
      width: draw.between('width', 0.0085, 0.011),
      thickness: draw.between('thickness', 0.0062, 0.0072),
    }),
  };
}
