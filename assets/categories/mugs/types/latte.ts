import type { Draw } from '../../variety.js';
import type { MugParameters } from '../parameters.js';
import { bodyOf, handleOf, NO_FOOT } from './defaults.js';

/** Tall and slender; half of them stand on a stem. */
export function latte(draw: Draw): MugParameters {
  const bottom = draw.between('bottom', 0.024, 0.029);
  const stem = draw.index % 2 === 0;
  return {
    body: bodyOf({
      height: draw.between('height', 0.115, 0.14) * (stem ? 0.87 : 1),
      bottom,
      top: draw.between('top', 0.036, 0.043),
      belly: draw.between('belly', -0.001, 0.006),
      bellyAt: 0.6,
      flare: draw.between('flare', 0, 0.005),
      edge: stem ? 0.02 : 0.0105,
      wall: draw.between('wall', 0.0058, 0.0064),
    }),
    foot: stem ? { style: 'stem', height: draw.between('stem', 0.018, 0.026), radius: draw.between('plate', 0.03, 0.035) } : NO_FOOT,
    handle: handleOf({
      style: (['ear', 'c', 'd', 'ear', 'c', 'angular', 'ear'] as const)[draw.index],
      high: draw.between('high', 0.64, 0.78),
      low: draw.between('low', 0.14, 0.26),
      reach: draw.between('reach', 0.027, 0.034),
      width: draw.between('width', 0.0125, 0.0165),
      thickness: draw.between('thickness', 0.0102, 0.012),
    }),
  };
}
