import type { Draw } from '../../variety.js';
import type { ChairParameters } from '../parameters.js';
import { backOf, barsOf, baseOf, seatOf } from './defaults.js';

export function rocking(draw: Draw): ChairParameters {
  const style = (['hoop', 'ladder', 'slats', 'panel'] as const)[draw.index % 4];
  return {
    seat: seatOf({
      width: draw.between('width', 0.48, 0.56),
      depth: draw.between('depth', 0.44, 0.52),
      height: draw.between('height', 0.39, 0.44),
      thickness: 0.06,
      taper: draw.between('taper', 0.84, 1),
      corner: draw.between('corner', 0.25, 0.7),
      dish: draw.between('dish', 0, 0.02),
      tilt: draw.between('tilt', 0.06, 0.12),
    }),
    back: backOf({
      style,
      height: draw.between('back height', 0.56, 0.76),
      flare: draw.between('flare', 0.88, 1.1),
      rake: draw.between('rake', 0.2, 0.34),
      hollow: draw.between('hollow', 0.02, 0.07),
      crest: style === 'hoop' ? 0 : draw.between('crest', 0, 0.05),
      thickness: 0.056,
      bars: barsOf(style, draw),
      corner: draw.between('back corner', 0.3, 1),
    }),
    base: baseOf({
      style: 'rockers',
      thickness: draw.between('leg', 0.056, 0.068),
      taper: 1,
      splay: draw.between('splay', 0.02, 0.1),
      square: draw.between('square', 0, 0.6),
      spread: draw.between('spread', 0.16, 0.28),
    }),
    arms: {
      style: draw.index % 6 === 5 ? 'none' : (['rests', 'loops', 'bow'] as const)[draw.index % 3],
      height: draw.between('arm height', 0.2, 0.26),
      thickness: 0.06,
      reach: draw.between('reach', 0.8, 1),
    },
  };
}
