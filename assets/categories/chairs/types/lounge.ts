import type { Draw } from '../../variety.js';
import type { ChairParameters } from '../parameters.js';
import { backOf, baseOf, seatOf } from './defaults.js';

export function lounge(draw: Draw): ChairParameters {
  // In turn: wing-back, tub, club and low easy chair.
  const kind = (['wing-back', 'tub', 'club', 'easy'] as const)[draw.index % 4];
  const blocks = kind === 'wing-back' || kind === 'club';
  return {
    seat: seatOf({
      width: draw.between('width', 0.62, 0.8),
      depth: draw.between('depth', 0.58, 0.68),
      height: draw.between('height', 0.27, 0.34),
      thickness: draw.between('thickness', 0.12, 0.18),
      taper: kind === 'tub' ? 0.98 : 1,
      corner: kind === 'tub' ? 0.6 : 0.25,
      dish: 0,
      tilt: draw.between('tilt', 0.04, 0.12),
      cushion: draw.between('cushion', 0.1, 0.15),
    }),
    back: backOf({
      height: {
        'wing-back': draw.between('tall', 0.68, 0.84),
        tub: draw.between('tub', 0.32, 0.44),
        club: 0.44,
        easy: draw.between('easy', 0.5, 0.66),
      }[kind],
      flare: kind === 'wing-back' ? 0.98 : draw.between('flare', 0.95, 1.1),
      rake: draw.between('rake', 0.1, 0.3) * (kind === 'tub' ? 0.5 : 1),
      hollow: kind === 'easy' ? 0.04 : 0,
      crest: draw.between('crest', 0, 0.08),
      thickness: draw.between('back thickness', 0.09, 0.13),
      corner: draw.between('back corner', 0.25, 0.7),
      wing: kind === 'wing-back' ? draw.between('wing', 0.14, 0.22) : kind === 'tub' ? draw.between('tub side', 0.3, 0.42) : 0,
      cushion: kind === 'tub' ? 0 : 0.1,
    }),
    base: baseOf({
      thickness: draw.between('leg', 0.07, 0.09),
      taper: draw.between('leg taper', 0.7, 0.95),
      splay: draw.between('splay', 0, 0.25),
      square: draw.between('square', 0, 0.8),
    }),
    arms: {
      style: blocks ? 'blocks' : kind === 'easy' ? draw.oneOf('arms', ['rests', 'loops']) : 'none',
      height: draw.between('arm height', 0.2, 0.28),
      thickness: blocks ? draw.between('arm', 0.11, 0.16) : 0.075,
      reach: draw.between('reach', 0.85, 1),
    },
  };
}
