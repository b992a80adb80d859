import type { Draw } from '../../variety.js';
import type { PlaneParameters } from '../parameters.js';
import { fuselageOf, NO_CANOPY, NO_ENGINES, NO_GEAR, NO_UPPER_WING, tailOf, wingOf } from './defaults.js';

/** A triangular wing and no tailplane: fighters, and every third one a slender airliner faster than sound. */
export function delta(draw: Draw): PlaneParameters {
  const slender = draw.index % 3 === 2;
  const width = slender ? draw.between('slim', 0.15, 0.17) : draw.between('width', 0.19, 0.23);
  const length = slender ? 2.05 : draw.between('length', 1.65, 1.85);
  const root = slender ? draw.between('long root', 0.95, 1.1) : draw.between('root', 0.78, 0.92);
  return {
    fuselage: fuselageOf({
      length,
      width,
      tallness: draw.between('tallness', 0.95, 1.08),
      nose: slender ? 0.28 : draw.between('nose', 0.34, 0.42),
      tail: slender ? 0.35 : 0.25,
      blunt: slender ? 0.35 : draw.between('blunt', 0.2, 0.5),
      tailWidth: slender ? 0.4 : 0.8,
      rise: slender ? 0.4 : 0,
      droop: slender ? 0.4 : 0.1,
    }),
    canopy: slender
      ? NO_CANOPY
      : { length: draw.between('canopy', 0.32, 0.4), width: width * 0.62, height: draw.between('bubble', 0.045, 0.065), at: 0.3 },
    wing: wingOf({
      span: slender ? draw.between('narrow', 0.98, 1.1) : draw.between('span', 1.1, 1.35),
      root,
      taper: draw.between('taper', 0.11, 0.2),
      sweep: root * draw.between('sweep', 0.74, 0.84),
      rise: 0,
      thickness: 0.085,
      rounding: 0,
      strake: slender ? 0.3 : 0,
      at: 1 - (root + 0.12) / length,
      level: draw.between('level', -0.6, 0),
    }),
    upper: NO_UPPER_WING,
    tail: tailOf({
      style: 'fin',
      finHeight: draw.between('fin', 0.36, 0.46),
      finChord: draw.between('fin chord', 0.4, 0.5),
      taper: 0.35,
      sweep: draw.between('tail sweep', 0.7, 0.9),
    }),
    engines: slender
      ? { ...NO_ENGINES, style: 'pods', count: 2, radius: 0.078, length: 0.4, at: 0.48, forward: -0.25 }
      : { ...NO_ENGINES, style: 'jet', count: 1, radius: draw.between('nozzle', 0.095, 0.11), length: draw.between('intakes', 0.6, 0.7) },
    gear: NO_GEAR,
  };
}
