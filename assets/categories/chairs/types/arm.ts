import type { Draw } from '../../variety.js';
import type { ChairParameters } from '../parameters.js';
import { backOf, barsOf, baseOf, seatOf } from './defaults.js';

export function arm(draw: Draw): ChairParameters {
  const style = (['hoop', 'panel', 'slats', 'ladder'] as const)[draw.index % 4];
  return {
    seat: seatOf({
      width: draw.between('width', 0.5, 0.6),
      depth: draw.between('depth', 0.44, 0.5),
      thickness: 0.06,
      taper: draw.between('taper', 0.82, 0.98),
      corner: draw.between('corner', 0.2, 0.6),
      dish: draw.between('dish', 0, 0.02),
      cushion: draw.sometimes('cushioned', 0.35) ? draw.between('cushion', 0.08, 0.1) : 0,
    }),
    back: backOf({
      style,
      height: draw.between('back height', 0.42, 0.62),
      flare: draw.between('flare', 0.9, 1.15),
      rake: draw.between('rake', 0.12, 0.3),
      hollow: draw.between('hollow', 0.02, 0.08),
      crest: style === 'hoop' ? 0 : draw.between('crest', 0, 0.05),
      thickness: 0.055,
      bars: barsOf(style, draw),
      corner: draw.between('back corner', 0.3, 0.9),
    }),
    base: baseOf({
      thickness: draw.between('leg', 0.054, 0.068),
      taper: draw.between('leg taper', 0.78, 1),
      splay: draw.between('splay', 0.02, 0.16),
      square: draw.between('square', 0, 0.8),
      stretcher: draw.sometimes('stretchers', 0.35) ? draw.between('stretcher', 0.12, 0.2) : 0,
    }),
    arms: {
      style: (['bow', 'rests', 'loops'] as const)[draw.index % 3],
      height: draw.between('arm height', 0.19, 0.26),
      thickness: draw.between('arm', 0.055, 0.066),
      reach: draw.between('reach', 0.75, 1),
    },
  };
}
