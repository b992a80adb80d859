import { sampleCurve } from '../solids/paths.js';
import { mix, type Vector } from '../solids/vector.js';
import type { Workshop } from '../solids/workshop.js';
import type { ChairParameters } from './parameters.js';
import { halfSeatWidth, seatTop } from './seat.js';
import { shellSeat } from './shell.js';

const SIDES = [-1, 1] as const;

/** The middle line of one leg, on the `side` and at the `forward` end named by -1 or 1: `down` is 0 in the seat and 1 on the floor. */
export function legPoint(chair: ChairParameters, side: number, forward: number, down: number): Vector {
  const { base } = chair;
  const [x, top, z] = legTop(chair, side, forward);
  const out = Math.tan(base.splay) * top * down + base.sabre * down * down;
  return [x + side * out, top * (1 - down), z + forward * out];
}

function legTop(chair: ChairParameters, side: number, forward: number): Vector {
  const { seat, back, base } = chair;
  // A shell curls up at its sides: its legs meet under its flat middle.
  if (back.style === 'shell') return shellSeat(chair)(side * 0.4, forward * -0.6);
  const inset = base.thickness * 0.55 + seat.corner * 0.16 * Math.min(seat.width, seat.depth);
  return [side * (halfSeatWidth(seat, forward) - inset), seatTop(seat, forward) - seat.thickness / 2, forward * (seat.depth / 2 - inset)];
}

export function addLegs(shop: Workshop, chair: ChairParameters, floor = 1.06): void {
  const { base } = chair;
  for (const side of SIDES) {
    for (const forward of SIDES) {
      // A little below the floor: the joint is cut flat there.
      const path = sampleCurve(base.sabre > 0 ? 8 : 2, (t) => legPoint(chair, side, forward, t * floor));
      shop.rod(path, {
        radius: (t) => (base.thickness / 2) * mix(1, base.taper, t),
        across: [1, 0, 0],
        square: base.square,
        ends: 'flat',
      });
    }
  }
  if (base.stretcher > 0) addStretchers(shop, chair);
}

/** H of three bars; on a tall seat a ring of four, the front one being the footrest. */
function addStretchers(shop: Workshop, chair: ChairParameters): void {
  const { seat, base } = chair;
  const down = 1 - base.stretcher / seat.height;
  const radius = (base.thickness / 2) * 0.9;
  const bar = (from: Vector, to: Vector): void => shop.rod([from, to], { radius, across: [0, 1, 0] });
  for (const side of SIDES) bar(legPoint(chair, side, -1, down), legPoint(chair, side, 1, down));
  if (seat.height > 0.58) {
    for (const forward of SIDES) bar(legPoint(chair, -1, forward, down), legPoint(chair, 1, forward, down));
  } else {
    const middle = (side: number): Vector => {
      const [rear, front] = [legPoint(chair, side, -1, down), legPoint(chair, side, 1, down)];
      return [(rear[0] + front[0]) / 2, rear[1], (rear[2] + front[2]) / 2];
    };
    bar(middle(-1), middle(1));
  }
}
