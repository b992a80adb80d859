import type { Draw } from '../../variety.js';
import type { MugParameters } from '../parameters.js';
import { bodyOf, handleOf, NO_FOOT } from './defaults.js';

export function straight(draw: Draw): MugParameters {
  const radius = draw.between('radius', 0.037, 0.045);
  return {
    body: bodyOf({
      height: draw.between('height', 0.08, 0.105),
      bottom: radius,
      top: radius,
      edge: draw.between('edge', 0.0085, 0.018),
      wall: draw.between('wall', 0.005, 0.006),
      square: draw.sometimes('squared', 0.3) ? draw.between('square', 0.4, 0.7) : 0,
    }),
    foot: NO_FOOT,
    handle: handleOf({
      style: (['c', 'd', 'square', 'ear', 'd', 'c', 'angular'] as const)[draw.index],
      high: draw.between('high', 0.78, 0.86),
      low: draw.between('low', 0.16, 0.3),
      reach: draw.between('reach', 0.026, 0.034),
      width: draw.between('width', 0.011, 0.017),
      thickness: draw.between('thickness', 0.009, 0.0115),
    }),
  };
}
