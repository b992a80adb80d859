import type { Draw } from '../../variety.js';
import type { ChairParameters } from '../parameters.js';
import { baseOf, NO_ARMS, NO_BACK, seatOf } from './defaults.js';

export function stool(draw: Draw): ChairParameters {
  const round = draw.sometimes('round', 0.6);
  const trumpet = draw.index % 4 === 3;
  const tall = draw.sometimes('tall', 0.4);
  const height = tall ? draw.between('high', 0.6, 0.74) : draw.between('low', 0.34, 0.48);
  const width = draw.between('width', 0.34, 0.46);
  return {
    seat: seatOf({
      width,
      depth: round ? width : width * draw.between('ratio', 0.75, 1),
      height,
      thickness: draw.between('thickness', 0.055, 0.1),
      taper: 1,
      corner: round ? 1 : draw.between('corner', 0.2, 0.5),
      dish: draw.between('dish', 0, 0.025),
      tilt: 0,
      cushion: draw.sometimes('cushioned', 0.4) ? draw.between('cushion', 0.07, 0.1) : 0,
    }),
    back: NO_BACK,
    base: baseOf({
      style: trumpet ? 'trumpet' : 'legs',
      thickness: draw.between('leg', 0.05, 0.066) * (trumpet ? 1.4 : 1),
      taper: trumpet ? 1 : draw.between('leg taper', 0.78, 1),
      splay: draw.between('splay', 0.04, 0.2) * (tall ? 0.7 : 1),
      sabre: trumpet ? draw.between('flare', 0, 0.1) : 0,
      square: draw.between('square', 0, 0.8),
      stretcher: trumpet ? 0 : tall ? height * 0.35 : draw.sometimes('stretchers', 0.3) ? 0.15 : 0,
      spread: draw.between('spread', 0.19, 0.25),
    }),
    arms: NO_ARMS,
  };
}
