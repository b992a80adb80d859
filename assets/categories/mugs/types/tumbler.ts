import type { Draw } from '../../variety.js';
import type { MugParameters } from '../parameters.js';
import { bodyOf, NO_FOOT, NO_HANDLE } from './defaults.js';

/** Without a handle: in turn a beaker, a bowl, a square glass, one drawn in at the waist. */
export function tumbler(draw: Draw): MugParameters {
  const kind = (['beaker', 'bowl', 'square', 'waist'] as const)[draw.index % 4];
  const height = kind === 'bowl' ? draw.between('low', 0.06, 0.075) : draw.between('height', 0.085, 0.12);
  const bottom = draw.between('bottom', 0.03, 0.037);
  return {
    body: bodyOf({
      height,
      bottom,
      top: kind === 'bowl' ? draw.between('bowl', 0.046, 0.052) : draw.between('top', 0.037, 0.043),
      belly: { beaker: 0, bowl: 0.006, square: 0, waist: -draw.between('waist', 0.005, 0.009) }[kind],
      flare: kind === 'waist' ? 0.004 : 0,
      edge: kind === 'bowl' ? bottom * 0.7 : draw.between('edge', 0.0085, 0.014),
      wall: draw.between('wall', 0.0048, 0.0058),
      square: kind === 'square' ? draw.between('square', 0.55, 0.8) : 0,
    }),
    foot: kind === 'bowl' ? { style: 'ring', height: 0.007, radius: bottom * 0.8 } : NO_FOOT,
    handle: NO_HANDLE,
  };
}
