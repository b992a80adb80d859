import { sampleCurve } from '../solids/paths.js';
import { mix, type Vector } from '../solids/vector.js';
import type { Workshop } from '../solids/workshop.js';
import type { ChairParameters } from './parameters.js';

/** Thickness of a trumpet's round plate at its rim, over the stem's. */
export const TRUMPET_PLATE = 0.5;

const SIDEWAYS: Vector = [1, 0, 0];

export function addStar(shop: Workshop, { seat, base }: ChairParameters): void {
  const castor = base.thickness * 0.62;
  const hub = castor * 1.9;
  const top = seat.height - seat.thickness * 0.5 - seat.dish;
  shop.rod(
    sampleCurve(6, (t) => [0, mix(hub * 0.55, top, t), 0]),
    { radius: (t) => base.thickness * mix(0.85, 0.6, Math.min(1, t * 2)), across: SIDEWAYS, ends: 'flat' },
  );
  // The mechanism under the seat: a plate that the column flares into.
  shop.rod(
    sampleCurve(3, (t) => [0, mix(top - seat.thickness * 0.5 - base.thickness, top, t), 0]),
    { radius: (t) => base.thickness * mix(0.65, 1.7, t), across: SIDEWAYS, ends: 'flat' },
  );
  for (let i = 0; i < base.spokes; i++) {
    const angle = (2 * Math.PI * i) / base.spokes + Math.PI / 2;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const reach = base.spread - castor;
    const end: Vector = [c * reach, castor * 1.25, s * reach];
    shop.rod([[0, hub, 0], end], { radius: (t) => (base.thickness / 2) * mix(1.15, 0.9, t), across: [-s, 0, c], square: 0.3 });
    shop.ball([end[0], castor, end[2]], castor);
  }
}

/** A foot like a tulip's stem upside down; `stretcher` adds a ring for the feet. */
export function addTrumpet(shop: Workshop, { seat, base }: ChairParameters): void {
  const top = seat.height - seat.thickness * 0.5 - seat.dish;
  const plate = base.thickness * TRUMPET_PLATE;
  const neck = base.thickness / 2;
  const radius = (t: number): number => {
    const y = stemHeight(t) * top;
    const foot = (base.spread - neck) * (1 - Math.min(1, y / (top * 0.55))) ** mix(4, 2.2, base.sabre / 0.1);
    const head = neck * 1.4 * Math.max(0, (y / top - 0.72) / 0.28) ** 2;
    return neck + foot + head;
  };
  shop.rod([[0, 0, 0], ...sampleCurve(STEM_STEPS, (t) => [0, plate + stemHeight(t) * (top - plate), 0] as Vector)], {
    radius: (t) => radius(Math.max(0, (t * (STEM_STEPS + 1) - 1) / STEM_STEPS)),
    across: SIDEWAYS,
    ends: 'flat',
    segments: 32,
  });
  if (base.stretcher > 0) addFootRing(shop, base.stretcher, base.spread * 0.62, base.thickness * 0.4);
}

const STEM_STEPS = 18;

/** Points lie closer where the foot flares. */
const stemHeight = (t: number): number => t ** 1.8;

/** A ring that passes through the stem and lies before it, where the feet are. */
function addFootRing(shop: Workshop, height: number, reach: number, radius: number): void {
  const half = (side: number): Vector[] =>
    sampleCurve(14, (t) => [side * reach * Math.sin(Math.PI * t), height, reach * 0.9 * (1 - Math.cos(Math.PI * t))]);
  for (const side of [-1, 1]) shop.rod(half(side), { radius, across: [0, 1, 0] });
}
