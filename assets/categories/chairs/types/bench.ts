import type { Draw } from '../../variety.js';
import type { ChairParameters } from '../parameters.js';
import { backOf, baseOf, NO_BACK, seatOf } from './defaults.js';

/** For two: garden benches, a backless one and small sofas. */
export function bench(draw: Draw): ChairParameters {
  const kind = (['slats', 'sofa', 'panel', 'ladder', 'none'] as const)[draw.index % 5];
  const sofa = kind === 'sofa';
  return {
    seat: seatOf({
      width: draw.between('width', 0.85, 1.2),
      depth: sofa ? 0.6 : draw.between('depth', 0.44, 0.52),
      height: sofa ? 0.33 : draw.between('height', 0.42, 0.47),
      thickness: sofa ? 0.16 : draw.between('thickness', 0.08, 0.11),
      taper: 1,
      corner: draw.between('corner', 0.1, 0.5),
      dish: 0,
      cushion: sofa || kind === 'none' ? draw.between('cushion', 0.12, 0.15) : 0,
    }),
    back:
      kind === 'none'
        ? NO_BACK
        : backOf({
            style: sofa ? 'panel' : kind,
            height: draw.between('back height', 0.38, 0.54),
            rake: draw.between('rake', 0.1, 0.28),
            hollow: draw.between('hollow', 0, 0.05),
            crest: draw.between('crest', 0, 0.08),
            thickness: sofa ? 0.12 : 0.075,
            bars: kind === 'slats' ? draw.oneOf('bars', [2, 3, 4]) : 1,
            corner: draw.between('back corner', 0.25, 0.8),
            cushion: sofa ? 0.11 : 0,
          }),
    base: baseOf({
      thickness: draw.between('leg', 0.078, 0.095),
      taper: draw.between('leg taper', 0.85, 1),
      splay: draw.between('splay', 0, 0.14),
      square: draw.between('square', 0, 0.9),
    }),
    arms: {
      style: sofa ? 'blocks' : kind !== 'none' && draw.sometimes('arms', 0.6) ? 'loops' : 'none',
      height: draw.between('arm height', 0.2, 0.25),
      thickness: sofa ? 0.14 : draw.between('arm', 0.078, 0.09),
      reach: draw.between('reach', 0.8, 0.98),
    },
  };
}
