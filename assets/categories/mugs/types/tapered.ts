import type { Draw } from '../../variety.js';
import type { MugParameters } from '../parameters.js';
import { bodyOf, handleOf, NO_FOOT } from './defaults.js';

/** Wider above, or on every third one below, as a traveller's mug that is not to fall over. */
export function tapered(draw: Draw): MugParameters {
  const narrow = draw.between('narrow', 0.029, 0.035);
  const wide = draw.between('wide', 0.043, 0.052);
  const upward = draw.index % 3 !== 2;
  return {
    body: bodyOf({
      height: draw.between('height', 0.085, 0.11),
      bottom: upward ? narrow : wide,
      top: upward ? wide : narrow,
      edge: draw.between('edge', 0.0085, 0.02),
      wall: draw.between('wall', 0.0052, 0.006),
    }),
    foot: NO_FOOT,
    handle: handleOf({
      style: (['ear', 'c', 'd', 'angular', 'c', 'ear', 'd'] as const)[draw.index],
      high: draw.between('high', 0.76, 0.84),
      low: draw.between('low', 0.2, 0.36),
      reach: draw.between('reach', 0.024, 0.032),
      width: draw.between('width', 0.011, 0.016),
      thickness: draw.between('thickness', 0.009, 0.011),
    }),
  };
}
