import type { Draw } from '../../variety.js';
import type { ChairParameters } from '../parameters.js';
import { backOf, baseOf, seatOf } from './defaults.js';

/** Tall, straight and heavy, with balls on the back's corners. */
export function throne(draw: Draw): ChairParameters {
  const style = (['panel', 'slats', 'panel'] as const)[draw.index % 3];
  return {
    seat: seatOf({
      width: draw.between('width', 0.6, 0.7),
      depth: draw.between('depth', 0.5, 0.56),
      height: draw.between('height', 0.44, 0.5),
      thickness: draw.between('thickness', 0.1, 0.14),
      taper: 1,
      corner: 0.15,
      dish: 0,
      tilt: 0.02,
      cushion: draw.between('cushion', 0.1, 0.13),
    }),
    back: backOf({
      style,
      height: draw.between('back height', 0.72, 0.9),
      flare: draw.between('flare', 0.84, 0.98),
      rake: draw.between('rake', 0.03, 0.1),
      crest: draw.between('crest', 0.03, 0.14),
      thickness: 0.085,
      bars: draw.oneOf('bars', [1, 2, 3]),
      corner: draw.between('back corner', 0.2, 0.5),
      cushion: style === 'panel' ? 0.09 : 0,
      finial: draw.between('finial', 0.12, 0.16),
    }),
    base: baseOf({
      thickness: draw.between('leg', 0.085, 0.11),
      taper: 1,
      splay: 0,
      square: draw.between('square', 0.4, 0.9),
      stretcher: draw.sometimes('stretchers', 0.5) ? 0.15 : 0,
    }),
    arms: {
      style: draw.oneOf('arms', ['rests', 'blocks']),
      height: draw.between('arm height', 0.22, 0.28),
      thickness: 0.095,
      reach: draw.between('reach', 0.85, 1),
    },
  };
}
