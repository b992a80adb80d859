import type { Surface } from '../solids/sheet.js';
import { mix } from '../solids/vector.js';
import type { Workshop } from '../solids/workshop.js';
import type { ChairParameters } from './parameters.js';
import { seatTop } from './seat.js';

/**
 * The middle surface of a one-piece seat and back: a profile that runs from the front edge to the rear, turns and climbs; its sides curl up.
 * v runs from the front edge to the top.
 */
function shellSurface(chair: ChairParameters): Surface {
  const { seat, back } = chair;
  const { radius, turn, flat, arc, rise, total } = measure(chair);
  return (u, v) => {
    const along = ((v + 1) / 2) * total;
    const [z, y] = profile(along, flat, radius, turn, seat.tilt);
    const climb = Math.max(0, Math.min(1, (along - flat) / (arc + rise)));
    const half = (seat.width / 2) * mix(mix(0.92, 1, Math.sin(Math.PI * Math.min(1, along / flat))), back.flare, climb ** 1.5);
    // The sides lift, most at the bend: that is what makes a tub of it. The direction turns slower than the profile's normal does,
    // whose lines would meet within the bend's radius and fold the sheet.
    const liftAngle = turn * mix(0.2, 0.8, along / total);
    const tub = Math.exp(-(((along - flat - arc * 0.4) / (0.34 * total)) ** 2));
    const lift = (back.hollow * 0.35 + back.wing * tub) * Math.abs(u) ** 2.4;
    const narrow = 1 - (0.35 * lift * Math.abs(u)) / half;
    return [
      u * half * narrow,
      seatTop(seat, 1) - seat.thickness / 2 + y + lift * Math.cos(liftAngle),
      seat.depth / 2 + z + lift * Math.sin(liftAngle),
    ];
  };
}

/** Position behind the front edge and above it, `along` metres along the profile. */
function profile(along: number, flat: number, radius: number, turn: number, tilt: number): [number, number] {
  const s = Math.min(along, flat);
  const angle = Math.min(Math.max((along - flat) / radius, 0), turn);
  const beyond = Math.max(along - flat - radius * turn, 0);
  // Waterfall edge: the first few centimetres fall to the front.
  const edge = Math.max(0, 0.1 - along);
  const z = -s * Math.cos(tilt) - radius * Math.sin(angle) - beyond * Math.cos(turn);
  const y = -s * Math.sin(tilt) + radius * (1 - Math.cos(angle)) + beyond * Math.sin(turn) - 2 * edge * edge;
  return [z, y];
}

function measure({ seat, back }: ChairParameters) {
  const radius = Math.min(0.16, seat.depth * 0.4);
  const turn = Math.PI / 2 - back.rake - seat.tilt;
  const arc = radius * turn;
  const flat = seat.depth - radius * 0.8;
  const rise = back.height - radius * 0.7;
  return { radius, turn, arc, flat, rise, total: flat + arc + rise };
}

/** The part of the shell to sit on: v runs from the front edge to where the back begins to rise. */
export function shellSeat(chair: ChairParameters): Surface {
  const surface = shellSurface(chair);
  const { flat, total } = measure(chair);
  return (u, v) => surface(u, ((v + 1) * flat) / total - 1);
}

export function addShell(shop: Workshop, chair: ChairParameters): void {
  const { seat, back } = chair;
  shop.sheet(shellSurface(chair), { thickness: seat.thickness, corner: back.corner, detail: 2 });
  if (seat.cushion === 0) return;
  const floor = shellSeat(chair);
  const lift = seat.thickness / 2 + seat.cushion * 0.15;
  shop.sheet(
    (u, v) => {
      const [x, y, z] = floor(u * 0.68, mix(-0.78, 1.15, (v + 1) / 2));
      return [x, y + lift, z];
    },
    { thickness: seat.cushion, corner: 0.7, crown: seat.cushion * 0.25 },
  );
}
