import { BLADE, LIP } from './engines.js';
import { NARROWEST } from './frame.js';
import type { PlaneParameters } from './parameters.js';
import { STRUT } from './wings.js';

/** The thinnest dimension in metres that any part of a plane has by design, but for a wing's trailing edge: what is too thin is lost in training. */
export function thinnestPart({ wing, tail, engines, gear, upper }: PlaneParameters): number {
  const propeller = engines.style === 'nose' || engines.style === 'wing';
  const jet = engines.style !== 'none' && !propeller;
  const struts = gear.style !== 'none' || upper.gap > 0 || wing.braced;
  return Math.min(
    NARROWEST,
    wing.tipThickness,
    tail.thickness,
    propeller ? BLADE.thickness : Number.POSITIVE_INFINITY,
    jet ? LIP : Number.POSITIVE_INFINITY,
    struts ? STRUT : Number.POSITIVE_INFINITY,
  );
}
