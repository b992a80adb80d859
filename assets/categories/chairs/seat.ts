import type { Surface } from '../solids/sheet.js';
import { mix } from '../solids/vector.js';
import type { Workshop } from '../solids/workshop.js';
import type { ChairParameters, SeatParameters } from './parameters.js';

/** Half the seat's width at `forward` in [-1, 1], from the rear edge to the front edge. */
export const halfSeatWidth = (seat: SeatParameters, forward: number): number => (seat.width / 2) * mix(seat.taper, 1, (forward + 1) / 2);

/** Height of the seat's top, dish left out, at `forward` in [-1, 1]. */
export const seatTop = (seat: SeatParameters, forward: number): number => seat.height + Math.sin(seat.tilt) * (seat.depth / 2) * forward;

/** The seat's surface `lift` above its top; v runs to the rear. */
export function seatSurface(seat: SeatParameters, lift: number, share = 1): Surface {
  return (u, v) => [
    u * halfSeatWidth(seat, -v) * share,
    seatTop(seat, -v) + lift - seat.dish * (1 - u * u) * (1 - v * v),
    (-v * seat.depth * share) / 2,
  ];
}

export function addSeat(shop: Workshop, { seat, back }: ChairParameters): void {
  if (back.style === 'shell') return;
  shop.sheet(seatSurface(seat, -seat.thickness / 2), { thickness: seat.thickness, corner: seat.corner });
  addSeatCushion(shop, seat);
}

function addSeatCushion(shop: Workshop, seat: SeatParameters): void {
  if (seat.cushion === 0) return;
  // Sunk into the board, so that the two round edges leave a shallow seam and not a groove.
  shop.sheet(seatSurface(seat, seat.cushion * 0.1, 0.95), {
    thickness: seat.cushion,
    corner: Math.max(seat.corner, 0.3),
    crown: seat.cushion * 0.25,
  });
}
