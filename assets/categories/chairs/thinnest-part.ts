import type { ChairParameters } from './parameters.js';
import { TRUMPET_PLATE } from './pedestals.js';

/** No rung, spindle or bar between legs is thinner than this share of the part it belongs to. */
const FINEST_SHARE = 0.85;

/** The thinnest dimension in metres that any part of a chair has by design: what is too thin for a small decoder is lost in training. */
export function thinnestPart({ seat, back, base, arms }: ChairParameters): number {
  const foot = base.style === 'trumpet' ? TRUMPET_PLATE / FINEST_SHARE : base.taper;
  return (
    FINEST_SHARE *
    Math.min(
      seat.thickness,
      base.thickness * foot,
      back.style === 'none' || back.style === 'shell' ? Number.POSITIVE_INFINITY : back.thickness,
      arms.style === 'none' ? Number.POSITIVE_INFINITY : arms.thickness,
    )
  );
}
