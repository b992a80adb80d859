import type { Draw } from '../../variety.js';
import type { MugParameters } from '../parameters.js';
import { bodyOf, handleOf, NO_FOOT } from './defaults.js';

export function barrel(draw: Draw): MugParameters {
  const bottom = draw.between('bottom', 0.028, 0.034);
  return {
    body: bodyOf({
      height: draw.between('height', 0.08, 0.1),
      bottom,
      top: draw.between('top', 0.032, 0.038),
      belly: draw.between('belly', 0.009, 0.017),
      bellyAt: draw.between('belly at', 0.38, 0.6),
      flare: draw.between('flare', 0, 0.005),
      edge: draw.between('edge', 0.009, 0.014),
      wall: draw.between('wall', 0.0052, 0.006),
    }),
    foot: draw.sometimes('footed', 0.45) ? { style: 'ring', height: draw.between('foot', 0.005, 0.008), radius: bottom * 0.92 } : NO_FOOT,
    handle: handleOf({
      style: (['c', 'ear', 'c', 'd', 'ear', 'c', 'ear'] as const)[draw.index],
      high: draw.between('high', 0.78, 0.86),
      low: draw.between('low', 0.2, 0.34),
      reach: draw.between('reach', 0.024, 0.031),
      width: draw.between('width', 0.011, 0.016),
      thickness: draw.between('thickness', 0.009, 0.011),
    }),
  };
}
