import type { Draw } from '../../variety.js';
import type { ChairParameters } from '../parameters.js';
import { backOf, barsOf, baseOf, NO_ARMS, seatOf } from './defaults.js';

export function bar(draw: Draw): ChairParameters {
  const style = (['trumpet', 'legs', 'legs'] as const)[draw.index % 3];
  const back = (['panel', 'slats', 'panel', 'hoop'] as const)[draw.index % 4];
  return {
    seat: seatOf({
      width: draw.between('width', 0.4, 0.47),
      depth: draw.between('depth', 0.38, 0.43),
      height: draw.between('height', 0.66, 0.78),
      thickness: draw.between('thickness', 0.06, 0.085),
      taper: draw.between('taper', 0.86, 1),
      corner: draw.between('corner', 0.35, 1),
      dish: draw.between('dish', 0, 0.02),
      tilt: 0.02,
      cushion: draw.sometimes('cushioned', 0.35) ? draw.between('cushion', 0.075, 0.095) : 0,
    }),
    back: backOf({
      style: back,
      height: draw.between('back height', 0.2, 0.42),
      flare: draw.between('flare', 0.9, 1.1),
      rake: draw.between('rake', 0.06, 0.26),
      hollow: draw.between('hollow', 0.03, 0.12),
      crest: back === 'hoop' ? 0 : draw.between('crest', 0, 0.03),
      thickness: 0.058,
      bars: Math.min(2, barsOf(back, draw)),
      corner: draw.between('back corner', 0.3, 0.95),
    }),
    base: baseOf({
      style,
      thickness: draw.between('leg', 0.056, 0.07) * (style === 'trumpet' ? 1.35 : 1),
      taper: style === 'trumpet' ? 1 : draw.between('leg taper', 0.8, 1),
      splay: draw.between('splay', 0.03, 0.13),
      sabre: style === 'trumpet' ? draw.between('foot', 0, 0.1) : 0,
      square: draw.between('square', 0, 0.8),
      stretcher: draw.between('footrest', 0.2, 0.3),
      spread: draw.between('spread', 0.22, 0.28),
    }),
    arms: NO_ARMS,
  };
}
