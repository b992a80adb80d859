import { bend } from '../solids/paths.js';
import { mixVectors, type Vector } from '../solids/vector.js';
import type { Workshop } from '../solids/workshop.js';
import { backPoint } from './back-frame.js';
import type { ChairParameters } from './parameters.js';
import { halfSeatWidth, seatTop } from './seat.js';

/** Two bent tubes: along the floor to the front, up, back under the seat and up behind the back; joined by a bar on the floor at the rear. */
export function addCantilever(shop: Workshop, chair: ChairParameters): void {
  const { seat, back, base } = chair;
  const radius = base.thickness / 2;
  const under = seat.thickness * 0.5 + radius * 0.3;
  const x = halfSeatWidth(seat, -1) - radius;
  const rearFoot = (side: number): Vector => [side * x, radius, -seat.depth / 2 + base.spread * 0.2];
  for (const side of [-1, 1]) {
    const path: Vector[] = [
      rearFoot(side),
      [side * x, radius, seat.depth / 2 - radius + base.splay * 0.3],
      [side * x, seatTop(seat, 1) - under, seat.depth / 2 - radius * 1.2],
      [side * x, seatTop(seat, -1) - under, -seat.depth / 2 + radius],
    ];
    if (back.style !== 'none' && back.style !== 'shell') {
      const [, y, z] = backPoint(chair, 1, 0.6);
      path.push([side * x, y, z - back.hollow * 0.3]);
    }
    shop.rod(bend(path, 0.11, 8), { radius, across: [1, 0, 0] });
  }
  shop.rod([rearFoot(-1), mixVectors(rearFoot(-1), rearFoot(1), 0.5), rearFoot(1)], { radius, across: [0, 1, 0] });
}
