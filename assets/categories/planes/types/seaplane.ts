import type { Draw } from '../../variety.js';
import type { PlaneParameters } from '../parameters.js';
import { fuselageOf, NO_CANOPY, NO_ENGINES, NO_UPPER_WING, tailOf, wingOf } from './defaults.js';

/** On two floats, or every second one a flying boat with two engines on a high wing. */
export function seaplane(draw: Draw): PlaneParameters {
  const boat = draw.index % 2 === 1;
  const width = draw.between('width', 0.21, 0.25);
  return {
    fuselage: fuselageOf({
      length: draw.between('length', 1.45, 1.65),
      width,
      tallness: draw.between('tallness', 1.05, 1.2),
      square: draw.between('square', 0.1, 0.4),
      nose: boat ? 0.22 : draw.between('nose', 0.14, 0.2),
      tail: draw.between('tail', 0.5, 0.58),
      blunt: boat ? 0.85 : 1,
      tailWidth: 0.28,
      rise: boat ? 0.95 : draw.between('rise', 0.4, 0.7),
      droop: 0,
    }),
    canopy: boat ? NO_CANOPY : { length: 0.44, width: width * 0.8, height: draw.between('cabin', 0.065, 0.085), at: 0.36 },
    wing: wingOf({
      span: draw.between('span', 1.8, 2),
      root: draw.between('root', 0.32, 0.38),
      taper: draw.between('taper', 0.62, 0.85),
      sweep: draw.between('sweep', 0.01, 0.05),
      rise: draw.between('dihedral', 0.02, 0.08),
      thickness: 0.08,
      at: draw.between('at', 0.27, 0.32),
      level: boat ? 1.15 : 1.3,
      braced: false,
    }),
    upper: NO_UPPER_WING,
    tail: tailOf({
      style: boat && draw.sometimes('t', 0.5) ? 't' : 'low',
      finHeight: draw.between('fin', 0.32, 0.4),
      finChord: draw.between('fin chord', 0.28, 0.34),
      planeChord: 0.24,
      span: draw.between('tailplane', 0.62, 0.76),
      taper: 0.7,
      sweep: draw.between('tail sweep', 0.2, 0.4),
    }),
    engines: {
      ...NO_ENGINES,
      style: boat ? 'wing' : 'nose',
      count: boat ? 2 : 1,
      radius: draw.between('nacelle', 0.075, 0.088),
      length: draw.between('nacelle length', 0.36, 0.44),
      at: 0.34,
      blades: draw.oneOf('blades', [3, 2]),
      propeller: boat ? 0.175 : draw.between('propeller', 0.24, 0.28),
    },
    gear: boat
      ? { style: 'hull', height: draw.between('tip floats', 0.13, 0.17), track: draw.between('tip track', 1.25, 1.4), radius: 0.062 }
      : {
          style: 'floats',
          height: draw.between('float depth', 0.36, 0.42),
          track: draw.between('float track', 0.46, 0.56),
          radius: draw.between('float', 0.085, 0.1),
        },
  };
}
