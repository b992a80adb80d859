import type { Draw } from '../../variety.js';
import type { PlaneParameters } from '../parameters.js';
import { fuselageOf, NO_CANOPY, NO_ENGINES, NO_GEAR, NO_UPPER_WING, tailOf, wingOf } from './defaults.js';

/** Swept wings; in turn two engines under them, two at the rear, four. */
export function airliner(draw: Draw): PlaneParameters {
  const kind = (['twin', 'rear', 'four'] as const)[draw.index % 3];
  const span = draw.between('span', 1.6, 1.9);
  const width = draw.between('width', 0.2, 0.25);
  return {
    fuselage: fuselageOf({
      length: draw.between('length', 1.7, 1.95),
      width,
      tallness: draw.between('tallness', 1, 1.12),
      nose: draw.between('nose', 0.11, 0.15),
      tail: draw.between('tail', 0.3, 0.36),
      blunt: 0.95,
      tailWidth: 0.26,
      rise: 0.8,
      droop: 0.3,
    }),
    canopy: NO_CANOPY,
    wing: wingOf({
      span,
      root: draw.between('root', 0.42, 0.5),
      taper: draw.between('taper', 0.28, 0.38),
      sweep: draw.between('sweep', 0.42, 0.56),
      rise: draw.between('rise', 0.08, 0.15),
      thickness: 0.085,
      at: kind === 'rear' ? 0.4 : draw.between('at', 0.31, 0.35),
      level: -0.72,
      winglet: draw.sometimes('winglets', 0.45) ? draw.between('winglet', 0.1, 0.14) : 0,
    }),
    upper: NO_UPPER_WING,
    tail: tailOf({
      style: kind === 'rear' ? 't' : 'low',
      finHeight: draw.between('fin', 0.4, 0.47),
      finChord: draw.between('fin chord', 0.3, 0.36),
      planeChord: 0.22,
      span: draw.between('tailplane', 0.62, 0.74),
      taper: 0.52,
      sweep: draw.between('tail sweep', 0.5, 0.68),
    }),
    engines: {
      ...NO_ENGINES,
      style: kind === 'rear' ? 'rear' : 'pods',
      count: kind === 'four' ? 4 : 2,
      radius: kind === 'four' ? draw.between('small', 0.078, 0.086) : draw.between('radius', 0.086, 0.1),
      length: draw.between('pod', 0.28, 0.34),
      at: kind === 'four' ? 0.36 : draw.between('place', 0.32, 0.38),
    },
    gear: NO_GEAR,
  };
}
