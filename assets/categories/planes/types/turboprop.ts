import type { Draw } from '../../variety.js';
import type { PlaneParameters } from '../parameters.js';
import { fuselageOf, NO_CANOPY, NO_ENGINES, NO_GEAR, NO_UPPER_WING, tailOf, wingOf } from './defaults.js';

/** Straight wings with propellers before them; every third one has four. */
export function turboprop(draw: Draw): PlaneParameters {
  const four = draw.index % 3 === 2;
  const high = draw.sometimes('high', 0.6);
  return {
    fuselage: fuselageOf({
      length: draw.between('length', 1.55, 1.8),
      width: draw.between('width', 0.21, 0.27),
      tallness: draw.between('tallness', 0.98, 1.1),
      nose: draw.between('nose', 0.14, 0.2),
      tail: draw.between('tail', 0.36, 0.44),
      blunt: draw.between('blunt', 0.75, 0.95),
      rise: draw.between('rise', 0.7, 1),
      droop: 0.35,
    }),
    canopy: NO_CANOPY,
    wing: wingOf({
      span: draw.between('span', 1.75, 1.95),
      root: draw.between('root', 0.3, 0.36),
      taper: draw.between('taper', 0.5, 0.7),
      sweep: draw.between('sweep', 0.03, 0.1),
      rise: high ? 0.02 : draw.between('dihedral', 0.08, 0.14),
      thickness: 0.08,
      at: draw.between('at', 0.36, 0.41),
      level: high ? 0.95 : -0.7,
    }),
    upper: NO_UPPER_WING,
    tail: tailOf({
      style: draw.sometimes('t', 0.5) ? 't' : 'low',
      finHeight: draw.between('fin', 0.38, 0.46),
      finChord: draw.between('fin chord', 0.28, 0.34),
      span: draw.between('tailplane', 0.6, 0.74),
      planeChord: 0.22,
      taper: 0.7,
      sweep: draw.between('tail sweep', 0.2, 0.45),
    }),
    engines: {
      ...NO_ENGINES,
      style: 'wing',
      count: four ? 4 : 2,
      radius: draw.between('nacelle', 0.072, 0.088),
      length: draw.between('nacelle length', 0.38, 0.48),
      at: four ? 0.36 : draw.between('place', 0.4, 0.45),
      blades: draw.oneOf('blades', [3, 4, 4]),
      propeller: four ? 0.145 : draw.between('propeller', 0.19, 0.215),
    },
    gear: NO_GEAR,
  };
}
