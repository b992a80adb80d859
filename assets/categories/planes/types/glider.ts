import type { Draw } from '../../variety.js';
import type { PlaneParameters } from '../parameters.js';
import { fuselageOf, NO_ENGINES, NO_GEAR, NO_UPPER_WING, tailOf, wingOf } from './defaults.js';

/** Long slender wings, a drop of a fuselage on a thin boom. */
export function glider(draw: Draw): PlaneParameters {
  const width = draw.between('width', 0.15, 0.18);
  return {
    fuselage: fuselageOf({
      length: draw.between('length', 1.05, 1.3),
      width,
      tallness: draw.between('tallness', 1.15, 1.35),
      nose: draw.between('nose', 0.2, 0.28),
      tail: draw.between('tail', 0.55, 0.64),
      blunt: draw.between('blunt', 0.65, 0.9),
      tailWidth: 0.4,
      rise: draw.between('boom', 0.1, 0.7),
      droop: 0.2,
    }),
    canopy: { length: draw.between('canopy', 0.3, 0.36), width: width * 0.72, height: draw.between('bubble', 0.02, 0.04), at: 0.24 },
    wing: wingOf({
      span: draw.between('span', 1.95, 2.1),
      root: draw.between('root', 0.19, 0.24),
      taper: draw.between('taper', 0.5, 0.7),
      sweep: draw.between('sweep', 0, 0.06),
      rise: draw.between('dihedral', 0.06, 0.2),
      thickness: 0.068,
      rounding: draw.sometimes('rounded', 0.4) ? draw.between('rounding', 0.5, 0.8) : 0,
      at: draw.between('at', 0.31, 0.36),
      level: draw.between('level', 0.4, 0.9),
    }),
    upper: NO_UPPER_WING,
    tail: tailOf({
      style: (['t', 't', 'v', 'low'] as const)[draw.index % 4],
      finHeight: draw.between('fin', 0.24, 0.3),
      finChord: draw.between('fin chord', 0.17, 0.21),
      planeChord: 0.14,
      span: draw.between('tailplane', 0.42, 0.54),
      taper: 0.72,
      sweep: draw.between('tail sweep', 0.05, 0.3),
    }),
    engines: NO_ENGINES,
    gear: NO_GEAR,
  };
}
