import { mix, type Vector } from '../solids/vector.js';
import type { ChairParameters } from './parameters.js';
import { halfSeatWidth, seatTop } from './seat.js';

/** How far the wings turn from the back's plane. */
const WING_ANGLE = 1.15;

/** How much lower a wing's front edge is than the back. */
const WING_FALL = 0.2;

/**
 * The middle surface of a back.
 * @param across -1 at the sitter's right edge, 1 at the left
 * @param up 0 at the seat, 1 at the top; less than 0 goes on below the seat
 */
export function backPoint({ seat, back }: ChairParameters, across: number, up: number): Vector {
  const climb = Math.max(up, 0);
  const half = (halfSeatWidth(seat, -1) - back.thickness * 0.35) * mix(1, back.flare, climb);
  const [x, forward, beyond] = turnSides(across, half, back.wing);
  const rear = -seat.depth / 2 + back.thickness * 0.4;
  const flatShare = x / half;
  return [
    x,
    seatTop(seat, -1) + back.height * up * (1 - WING_FALL * beyond * beyond) + back.crest * (1 - across * across) * climb * climb,
    rear +
      forward +
      back.hollow * flatShare * flatShare * (0.4 + 0.6 * climb) +
      back.lumbar * Math.sin(Math.PI * Math.min(climb * 1.25, 1)) -
      Math.tan(back.rake) * back.height * up,
  ];
}

/** Bends the sides forward along an arc, then straight; lengths along the bend are kept. Gives x, z and the share of the wing passed. */
function turnSides(across: number, half: number, wing: number): [number, number, number] {
  if (wing === 0) return [across * half, 0, 0];
  // A tub's long sides begin with a wide bend, a wing with a tight one.
  const radius = Math.min(Math.max(0.14, wing * 0.75), half * 0.75);
  const straight = half - radius * Math.sin(WING_ANGLE);
  const along = Math.abs(across) * (straight + radius * WING_ANGLE + wing);
  const angle = Math.min(Math.max((along - straight) / radius, 0), WING_ANGLE);
  const beyond = Math.max(along - straight - radius * WING_ANGLE, 0);
  const x = Math.min(along, straight) + radius * Math.sin(angle) + beyond * Math.cos(WING_ANGLE);
  return [Math.sign(across) * x, radius * (1 - Math.cos(angle)) + beyond * Math.sin(WING_ANGLE), beyond / wing];
}
