import type { Draw } from '../../variety.js';
import type { MugParameters } from '../parameters.js';
import { bodyOf, handleOf, NO_FOOT } from './defaults.js';

/** Tall and heavy, with hoops around it and a grip for the whole hand. */
export function tankard(draw: Draw): MugParameters {
  const top = draw.between('top', 0.041, 0.048);
  const bottom = top + draw.between('taper', -0.002, 0.01);
  return {
    body: bodyOf({
      height: draw.between('height', 0.12, 0.145),
      bottom,
      top,
      belly: draw.sometimes('bellied', 0.35) ? 0.006 : 0,
      edge: 0.0105,
      wall: draw.between('wall', 0.0068, 0.0078),
      bands: draw.oneOf('bands', [0, 2, 2, 3]),
    }),
    foot: draw.sometimes('footed', 0.4) ? { style: 'ring', height: 0.009, radius: bottom * 1.06 } : NO_FOOT,
    handle: handleOf({
      style: (['d', 'square', 'ear', 'd', 'angular', 'square', 'c'] as const)[draw.index],
      high: draw.between('high', 0.78, 0.87),
      low: draw.between('low', 0.14, 0.26),
      reach: draw.between('reach', 0.034, 0.042),
      width: draw.between('width', 0.016, 0.021),
      thickness: draw.between('thickness', 0.0125, 0.0145),
    }),
  };
}
