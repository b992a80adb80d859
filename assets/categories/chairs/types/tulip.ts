import type { Draw } from '../../variety.js';
import type { ChairParameters } from '../parameters.js';
import { backOf, baseOf, NO_ARMS, seatOf } from './defaults.js';

export function tulip(draw: Draw): ChairParameters {
  const style = (['trumpet', 'legs', 'trumpet', 'star'] as const)[draw.index % 4];
  const tall = draw.sometimes('tall', 0.35);
  return {
    seat: seatOf({
      width: draw.between('width', 0.5, 0.64),
      depth: draw.between('depth', 0.46, 0.54),
      height: tall ? 0.4 : draw.between('height', 0.4, 0.46),
      thickness: draw.between('thickness', 0.06, 0.078),
      taper: 1,
      corner: draw.between('corner', 0.5, 0.9),
      dish: 0,
      tilt: draw.between('tilt', 0.04, 0.14),
      cushion: draw.sometimes('cushioned', 0.5) ? 0.085 : 0,
    }),
    back: backOf({
      style: 'shell',
      height: tall ? draw.between('egg', 0.62, 0.8) : draw.between('back height', 0.34, 0.5),
      flare: draw.between('flare', 0.75, 1.02),
      rake: draw.between('rake', 0.16, 0.36),
      hollow: draw.between('hollow', 0.08, 0.3),
      thickness: 0.055,
      corner: draw.between('back corner', 0.55, 1),
      wing: draw.between('wing', 0.06, 0.22),
    }),
    base: baseOf({
      style,
      thickness: style === 'legs' ? draw.between('leg', 0.052, 0.062) : draw.between('stem', 0.075, 0.1),
      taper: style === 'legs' ? 0.85 : 1,
      splay: draw.between('splay', 0.12, 0.26),
      sabre: style === 'legs' ? 0 : draw.between('foot', 0, 0.1),
      square: 0,
      spread: draw.between('spread', 0.25, 0.31),
      spokes: 4,
    }),
    arms: NO_ARMS,
  };
}
