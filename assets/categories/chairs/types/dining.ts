import type { Draw } from '../../variety.js';
import type { ChairParameters } from '../parameters.js';
import { backOf, barsOf, baseOf, NO_ARMS, seatOf } from './defaults.js';

export function dining(draw: Draw): ChairParameters {
  const style = (['slats', 'panel', 'ladder', 'hoop', 'panel', 'slats'] as const)[draw.index % 6];
  return {
    seat: seatOf({
      width: draw.between('width', 0.42, 0.52),
      depth: draw.between('depth', 0.4, 0.47),
      height: draw.between('height', 0.43, 0.48),
      taper: draw.between('taper', 0.8, 1),
      corner: draw.between('corner', 0.15, 0.7),
      dish: draw.between('dish', 0, 0.02),
      cushion: draw.sometimes('cushioned', 0.35) ? draw.between('cushion', 0.075, 0.095) : 0,
    }),
    back: backOf({
      style,
      height: draw.between('back height', 0.36, 0.62),
      flare: draw.between('flare', 0.85, 1.15),
      rake: draw.between('rake', 0.08, 0.3),
      hollow: draw.between('hollow', 0.01, 0.07),
      crest: style === 'hoop' ? 0 : draw.between('crest', 0, 0.06),
      thickness: 0.05,
      bars: barsOf(style, draw),
      corner: draw.between('back corner', 0.2, 0.9),
    }),
    base: baseOf({
      thickness: draw.between('leg', 0.052, 0.066),
      taper: draw.between('leg taper', 0.8, 1),
      splay: draw.between('splay', 0, 0.14),
      sabre: draw.sometimes('sabred', 0.3) ? 0.06 : 0,
      square: draw.between('square', 0, 0.9),
      stretcher: draw.sometimes('stretchers', 0.3) ? draw.between('stretcher', 0.12, 0.2) : 0,
    }),
    arms: NO_ARMS,
  };
}
