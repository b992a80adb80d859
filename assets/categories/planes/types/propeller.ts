import type { Draw } from '../../variety.js';
import type { PlaneParameters } from '../parameters.js';
import { fuselageOf, NO_ENGINES, NO_GEAR, NO_UPPER_WING, tailOf, wingOf } from './defaults.js';

/** One propeller: in turn a tourer under a braced wing, a racer with elliptical wings, a low-wing trainer. */
export function propeller(draw: Draw): PlaneParameters {
  const kind = (['tourer', 'racer', 'trainer'] as const)[draw.index % 3];
  const tourer = kind === 'tourer';
  const width = draw.between('width', 0.21, 0.26);
  return {
    fuselage: fuselageOf({
      length: draw.between('length', 1.4, 1.6),
      width,
      tallness: draw.between('tallness', 1.05, 1.2),
      square: tourer ? 0.4 : 0.1,
      nose: draw.between('nose', 0.16, 0.26),
      tail: draw.between('tail', 0.5, 0.6),
      blunt: tourer ? 1 : 0.85,
      tailWidth: 0.28,
      rise: draw.between('rise', 0.3, 0.7),
      droop: 0.1,
    }),
    canopy: {
      length: tourer ? 0.46 : draw.between('canopy', 0.36, 0.44),
      width: width * (tourer ? 0.86 : 0.66),
      height: tourer ? draw.between('cabin', 0.07, 0.09) : draw.between('bubble', 0.06, 0.085),
      at: tourer ? 0.36 : 0.42,
    },
    wing: wingOf({
      span: draw.between('span', 1.75, 1.98),
      root: draw.between('root', 0.32, 0.4),
      taper: tourer ? draw.between('taper', 0.75, 0.95) : draw.between('tapered', 0.5, 0.65),
      sweep: tourer ? 0.01 : draw.between('sweep', 0.02, 0.08),
      rise: draw.between('dihedral', 0.05, 0.13) * (tourer ? 0.5 : 1),
      thickness: 0.08,
      rounding: kind === 'racer' ? draw.between('rounding', 0.75, 1) : 0,
      at: draw.between('at', 0.25, 0.29),
      level: tourer ? 1.35 : -0.75,
      braced: tourer,
    }),
    upper: NO_UPPER_WING,
    tail: tailOf({
      finHeight: draw.between('fin', 0.28, 0.34),
      finChord: draw.between('fin chord', 0.26, 0.32),
      planeChord: 0.24,
      span: draw.between('tailplane', 0.62, 0.74),
      taper: draw.between('tail taper', 0.6, 0.75),
      sweep: draw.between('tail sweep', 0.2, 0.4),
    }),
    engines: {
      ...NO_ENGINES,
      style: 'nose',
      blades: draw.oneOf('blades', [2, 3, 2, 4]),
      propeller: draw.between('propeller', 0.24, 0.3),
    },
    gear:
      kind === 'racer' && draw.index > 3
        ? NO_GEAR
        : {
            style: tourer ? 'tricycle' : 'wheels',
            height: draw.between('gear', 0.28, 0.32),
            track: draw.between('track', 0.44, 0.56),
            radius: draw.between('wheel', 0.075, 0.09),
          },
  };
}
