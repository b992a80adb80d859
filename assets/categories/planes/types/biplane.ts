import type { Draw } from '../../variety.js';
import type { PlaneParameters } from '../parameters.js';
import { fuselageOf, NO_ENGINES, NO_UPPER_WING, tailOf, wingOf } from './defaults.js';

export function biplane(draw: Draw): PlaneParameters {
  const width = draw.between('width', 0.2, 0.25);
  return {
    fuselage: fuselageOf({
      length: draw.between('length', 1.3, 1.5),
      width,
      tallness: draw.between('tallness', 1.05, 1.2),
      square: draw.between('square', 0, 0.4),
      nose: draw.between('nose', 0.1, 0.18),
      tail: draw.between('tail', 0.55, 0.65),
      blunt: 1,
      tailWidth: 0.28,
      rise: draw.between('rise', 0.4, 0.8),
      droop: 0,
    }),
    canopy: { length: 0.22, width: width * 0.6, height: 0.05, at: 0.46 },
    wing: wingOf({
      span: draw.between('span', 1.55, 1.85),
      root: draw.between('root', 0.27, 0.33),
      taper: draw.between('taper', 0.85, 1),
      sweep: draw.sometimes('swept', 0.3) ? 0.12 : 0.01,
      rise: draw.between('dihedral', 0, 0.06),
      thickness: 0.062,
      tipThickness: 0.055,
      rounding: draw.sometimes('rounded', 0.4) ? 0.6 : 0,
      at: draw.between('at', 0.2, 0.25),
      level: -0.7,
    }),
    upper: {
      ...NO_UPPER_WING,
      gap: draw.between('gap', 0.34, 0.42),
      stagger: draw.between('stagger', 0, 0.1),
      bays: draw.index % 3 === 1 ? 2 : 1,
    },
    tail: tailOf({
      finHeight: draw.between('fin', 0.25, 0.31),
      finChord: draw.between('fin chord', 0.24, 0.3),
      planeChord: 0.22,
      span: draw.between('tailplane', 0.54, 0.66),
      taper: draw.between('tail taper', 0.65, 0.85),
      sweep: draw.between('tail sweep', 0.1, 0.3),
    }),
    engines: { ...NO_ENGINES, style: 'nose', blades: draw.oneOf('blades', [2, 2, 3]), propeller: draw.between('propeller', 0.25, 0.3) },
    gear: {
      style: 'wheels',
      height: draw.between('gear', 0.3, 0.34),
      track: draw.between('track', 0.4, 0.5),
      radius: draw.between('wheel', 0.085, 0.105),
    },
  };
}
