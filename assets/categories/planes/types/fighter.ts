import type { Draw } from '../../variety.js';
import type { PlaneParameters } from '../parameters.js';
import { fuselageOf, NO_ENGINES, NO_GEAR, NO_UPPER_WING, tailOf, wingOf } from './defaults.js';

/** A jet with a bubble canopy; half of them have two fins. */
export function fighter(draw: Draw): PlaneParameters {
  const twin = draw.index % 2 === 0;
  const width = draw.between('width', 0.2, 0.25);
  return {
    fuselage: fuselageOf({
      length: draw.between('length', 1.7, 1.9),
      width,
      tallness: draw.between('tallness', 0.8, 0.98),
      square: draw.between('square', 0.1, 0.5),
      nose: draw.between('nose', 0.34, 0.42),
      tail: 0.3,
      blunt: draw.between('blunt', 0.2, 0.45),
      tailWidth: 0.75,
      rise: 0.1,
      droop: 0.15,
    }),
    canopy: {
      length: draw.between('canopy', 0.34, 0.42),
      width: width * 0.62,
      height: draw.between('bubble', 0.05, 0.07),
      at: draw.between('canopy at', 0.29, 0.33),
    },
    wing: wingOf({
      span: draw.between('span', 1.15, 1.4),
      root: draw.between('root', 0.55, 0.66),
      taper: draw.between('taper', 0.25, 0.38),
      sweep: draw.between('sweep', 0.3, 0.5),
      rise: draw.between('rise', -0.03, 0.02),
      thickness: 0.085,
      strake: draw.sometimes('straked', 0.5) ? draw.between('strake', 0.15, 0.3) : 0,
      at: draw.between('at', 0.42, 0.46),
      level: draw.between('level', -0.2, 0.3),
    }),
    upper: NO_UPPER_WING,
    tail: tailOf({
      style: twin ? 'twin' : 'low',
      finHeight: twin ? draw.between('fins', 0.32, 0.38) : draw.between('fin', 0.38, 0.45),
      finChord: draw.between('fin chord', 0.34, 0.42),
      planeChord: draw.between('plane chord', 0.26, 0.32),
      span: draw.between('tailplane', 0.72, 0.88),
      taper: 0.42,
      sweep: draw.between('tail sweep', 0.6, 0.85),
    }),
    engines: {
      ...NO_ENGINES,
      style: 'jet',
      count: twin ? 2 : 1,
      radius: twin ? draw.between('nozzles', 0.09, 0.1) : draw.between('nozzle', 0.1, 0.12),
      length: draw.between('intakes', 0.6, 0.75),
    },
    gear: NO_GEAR,
  };
}
