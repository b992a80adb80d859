import { sampleCurve } from '../solids/paths.js';
import type { Vector } from '../solids/vector.js';
import type { Workshop } from '../solids/workshop.js';
import { addLegs, legPoint } from './legs.js';
import type { ChairParameters } from './parameters.js';

/** Radius of the circle that a runner rolls on, over the seat's height. */
const ROLL = 1.9;

export function addRockers(shop: Workshop, chair: ChairParameters): void {
  const { seat, base } = chair;
  const half = base.thickness * 0.6;
  const roll = seat.height * ROLL;
  addLegs(shop, chair, 1 - half / seat.height);
  for (const side of [-1, 1]) {
    const x = (legPoint(chair, side, 1, 1)[0] + legPoint(chair, side, -1, 1)[0]) / 2;
    const front = Math.asin((seat.depth / 2 + base.spread * 0.55) / roll);
    const rear = Math.asin((seat.depth / 2 + base.spread) / roll);
    const runner = sampleCurve(18, (t): Vector => {
      const angle = -rear + (front + rear) * t;
      return [x, half + roll * (1 - Math.cos(angle)), roll * Math.sin(angle)];
    });
    shop.rod(runner, { radius: half, across: [1, 0, 0], square: 0.3 });
  }
}
