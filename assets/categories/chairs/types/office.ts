import type { Draw } from '../../variety.js';
import type { ChairParameters } from '../parameters.js';
import { backOf, baseOf, NO_ARMS, seatOf } from './defaults.js';

export function office(draw: Draw): ChairParameters {
  const headrest = draw.sometimes('headrests', 0.25);
  const tall = headrest ? 0.5 : draw.between('back height', 0.4, 0.68);
  return {
    seat: seatOf({
      width: draw.between('width', 0.5, 0.58),
      depth: draw.between('depth', 0.46, 0.52),
      height: draw.between('height', 0.43, 0.54),
      thickness: draw.between('thickness', 0.075, 0.11),
      taper: draw.between('taper', 0.85, 1),
      corner: draw.between('corner', 0.4, 0.8),
      dish: draw.between('dish', 0, 0.025),
    }),
    back: backOf({
      height: tall,
      flare: draw.between('flare', 0.8, 1.1),
      rake: draw.between('rake', 0.08, 0.24),
      hollow: draw.between('hollow', 0.03, 0.1),
      lumbar: draw.between('lumbar', 0, 0.045),
      crest: draw.between('crest', 0, 0.04),
      thickness: draw.between('back thickness', 0.065, 0.095),
      corner: draw.between('back corner', 0.4, 0.95),
      cushion: draw.sometimes('padded', 0.4) ? 0.08 : 0,
      headrest: headrest ? 0.16 : 0,
    }),
    base: baseOf({
      style: 'star',
      thickness: draw.between('column', 0.065, 0.085),
      spread: draw.between('spread', 0.29, 0.36),
      spokes: draw.oneOf('spokes', [5, 5, 4]),
    }),
    arms: {
      ...NO_ARMS,
      style: draw.sometimes('arms', 0.6) ? (draw.sometimes('looped', 0.35) ? 'loops' : 'rests') : 'none',
      height: draw.between('arm height', 0.18, 0.25),
      thickness: 0.062,
      reach: draw.between('reach', 0.7, 0.86),
    },
  };
}
