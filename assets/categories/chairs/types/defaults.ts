import type { Draw } from '../../variety.js';
import type { ArmParameters, BackParameters, BackStyle, BaseParameters, SeatParameters } from '../parameters.js';

export const NO_ARMS: ArmParameters = { style: 'none', height: 0.22, thickness: 0.05, reach: 0.8 };

export const NO_BACK: BackParameters = {
  style: 'none',
  height: 0.4,
  flare: 1,
  rake: 0,
  hollow: 0,
  lumbar: 0,
  crest: 0,
  thickness: 0.05,
  bars: 0,
  corner: 0.4,
  wing: 0,
  cushion: 0,
  headrest: 0,
  finial: 0,
  hole: 0,
};

export const seatOf = (seat: Partial<SeatParameters>): SeatParameters => ({
  width: 0.46,
  depth: 0.44,
  height: 0.45,
  thickness: 0.055,
  taper: 0.9,
  corner: 0.3,
  dish: 0.01,
  tilt: 0.03,
  cushion: 0,
  ...seat,
});

export const baseOf = (base: Partial<BaseParameters>): BaseParameters => ({
  style: 'legs',
  thickness: 0.055,
  taper: 0.8,
  splay: 0.08,
  sabre: 0,
  square: 0.3,
  stretcher: 0,
  spread: 0.3,
  spokes: 5,
  ...base,
});

export const backOf = (back: Partial<BackParameters>): BackParameters => ({ ...NO_BACK, style: 'panel', ...back });

/** Slats, rungs and spindles: few and thick, for the decoder's sake. */
export function barsOf(style: BackStyle, draw: Draw): number {
  if (style === 'slats') return draw.oneOf('bars', [1, 2, 3]);
  if (style === 'ladder') return draw.oneOf('bars', [1, 2]);
  return draw.oneOf('bars', [1, 2, 3]);
}
