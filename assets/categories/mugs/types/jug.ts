import type { Draw } from '../../variety.js';
import type { MugParameters } from '../parameters.js';
import { bodyOf, handleOf, NO_FOOT } from './defaults.js';

/** To pour from: round below, a neck, a lip drawn out opposite the handle. */
export function jug(draw: Draw): MugParameters {
  const bottom = draw.between('bottom', 0.036, 0.046);
  return {
    body: bodyOf({
      height: draw.between('height', 0.135, 0.17),
      bottom,
      top: bottom * draw.between('neck', 0.84, 1),
      belly: draw.between('belly', 0.006, 0.022),
      bellyAt: draw.between('belly at', 0.32, 0.42),
      flare: draw.between('flare', 0.004, 0.012),
      edge: draw.between('edge', 0.012, 0.018),
      wall: draw.between('wall', 0.0072, 0.0078),
      spout: draw.between('spout', 0.02, 0.032),
    }),
    foot: draw.sometimes('footed', 0.4) ? { style: 'ring', height: 0.01, radius: bottom } : NO_FOOT,
    handle: handleOf({
      style: (['ear', 'd', 'ear', 'c', 'angular', 'ear', 'c'] as const)[draw.index],
      high: draw.between('high', 0.84, 0.92),
      low: draw.between('low', 0.24, 0.38),
      reach: draw.between('reach', 0.036, 0.044),
      width: draw.between('width', 0.015, 0.02),
      thickness: draw.between('thickness', 0.0128, 0.0145),
    }),
  };
}
