import { bend, sampleCurve } from '../solids/paths.js';
import { mix, type Vector } from '../solids/vector.js';
import type { Workshop } from '../solids/workshop.js';
import { backPoint } from './back-frame.js';
import type { ChairParameters } from './parameters.js';
import { halfSeatWidth, seatTop } from './seat.js';

const SIDES = [-1, 1] as const;
const SIDEWAYS: Vector = [1, 0, 0];
const UPRIGHT: Vector = [0, 1, 0];

export function addArms(shop: Workshop, chair: ChairParameters): void {
  const { arms } = chair;
  if (arms.style === 'rests') addRests(shop, chair);
  if (arms.style === 'loops') addLoops(shop, chair);
  if (arms.style === 'blocks') addBlocks(shop, chair);
  if (arms.style === 'bow') addBow(shop, chair);
}

/** Where an arm meets the back, on the back's middle surface. */
function rearEnd(chair: ChairParameters, side: number, height: number): Vector {
  return backPoint(chair, side * 0.95, height / chair.back.height);
}

/** z of an arm's front end. */
const frontEnd = ({ seat, arms }: ChairParameters): number => -seat.depth / 2 + seat.depth * arms.reach;

function addRests(shop: Workshop, chair: ChairParameters): void {
  const { seat, back, arms } = chair;
  const height = seatTop(seat, 0) + arms.height;
  const forward = mix(-1, 1, arms.reach);
  for (const side of SIDES) {
    const x = halfSeatWidth(seat, forward) + arms.thickness * 0.1;
    const rear: Vector =
      back.style === 'none' || chair.base.style === 'star' ? [side * x, height, -seat.depth * 0.32] : rearEnd(chair, side, arms.height);
    const front: Vector = [side * x, height, frontEnd(chair) - arms.thickness / 2];
    const rest = sampleCurve(6, (t): Vector => [mix(rear[0], front[0], t), mix(rear[1], front[1], t), mix(rear[2], front[2], t)]);
    shop.rod(rest, { radius: arms.thickness * 0.8, flatness: 0.62, across: SIDEWAYS, square: 0.25 });
    const postZ = chair.base.style === 'star' ? 0 : front[2] - arms.thickness * 0.6;
    const seatX = halfSeatWidth(seat, postZ / (seat.depth / 2)) - arms.thickness * 0.2;
    shop.rod(
      [
        [side * seatX, seatTop(seat, postZ / (seat.depth / 2)) - seat.thickness / 2, postZ],
        [side * x, height, postZ],
      ],
      { radius: arms.thickness * 0.5, across: SIDEWAYS, square: chair.base.square },
    );
  }
}

function addLoops(shop: Workshop, chair: ChairParameters): void {
  const { seat, arms } = chair;
  for (const side of SIDES) {
    const rear = rearEnd(chair, side, arms.height);
    const z = frontEnd(chair);
    const x = halfSeatWidth(seat, (2 * z) / seat.depth);
    const path: Vector[] = [
      rear,
      [side * (x + arms.thickness * 0.4), seatTop(seat, 1) + arms.height, z],
      [side * (x - arms.thickness * 0.3), seatTop(seat, 1) - seat.thickness / 2, z - seat.depth * 0.18],
    ];
    shop.rod(bend(path, 0.13, 8), { radius: arms.thickness / 2, across: SIDEWAYS });
  }
}

function addBlocks(shop: Workshop, chair: ChairParameters): void {
  const { seat, arms } = chair;
  for (const side of SIDES) {
    const front = frontEnd(chair);
    const rear = -seat.depth / 2;
    const bottom = seat.height - seat.thickness;
    shop.sheet(
      (u, v) => {
        const y = mix(bottom, seatTop(seat, -u) + arms.height, (v + 1) / 2);
        const z = mix(front, rear, (u + 1) / 2);
        return [side * (halfSeatWidth(seat, -u) + arms.thickness * 0.2 + 0.02 * (v + 1)), y, z];
      },
      { thickness: arms.thickness, corner: 0.35 },
    );
  }
}

/** One rail from the left front around the back to the right front, each front end on a post. */
function addBow(shop: Workshop, chair: ChairParameters): void {
  const { seat, arms } = chair;
  const [, backY, backZ] = backPoint(chair, 0, arms.height / chair.back.height);
  const z = frontEnd(chair) - arms.thickness / 2;
  const x = halfSeatWidth(seat, 1) + arms.thickness * 0.4;
  const y = seatTop(seat, 1) + arms.height;
  const bow = sampleCurve(28, (t): Vector => {
    const angle = Math.PI * t;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return [-x * Math.sign(c) * Math.abs(c) ** 0.7, mix(y, backY, s), mix(z, backZ, s ** 0.7)];
  });
  shop.rod(bow, { radius: arms.thickness * 0.62, flatness: 0.8, across: UPRIGHT });
  for (const side of SIDES) {
    const foot = z - seat.depth * 0.16;
    shop.rod(
      [
        [side * (halfSeatWidth(seat, (2 * foot) / seat.depth) - arms.thickness * 0.6), seatTop(seat, 1) - seat.thickness / 2, foot],
        [side * x, y, z - arms.thickness * 0.8],
      ],
      { radius: arms.thickness / 2, across: SIDEWAYS },
    );
  }
}
