import type { Outline } from '../solids/turned.js';
import { mix } from '../solids/vector.js';
import type { Workshop } from '../solids/workshop.js';
import { sideRadius } from './outline.js';
import type { FootStyle, MugParameters } from './parameters.js';

const OUTLINES: Readonly<Record<Exclude<FootStyle, 'none'>, (mug: MugParameters) => Outline>> = { ring, stem, saucer };

export function addFoot(shop: Workshop, mug: MugParameters): void {
  const { style } = mug.foot;
  if (style !== 'none') shop.turn(OUTLINES[style](mug), { phase: 0.5 });
}

/** A plinth that widens a little to the floor and ends inside the vessel's bottom. */
function ring({ foot, body }: MugParameters): Outline {
  const into = foot.height + body.wall * 0.6;
  return [
    [0, 0],
    [foot.radius * 0.94, 0],
    [foot.radius, foot.height * 0.25],
    [foot.radius * 0.93, into],
    [0, into],
  ];
}

const STEM_STEPS = 12;

/** A plate of a wall's thickness, from which a neck rises. */
function stem({ foot, body }: MugParameters): Outline {
  const plate = body.wall;
  const neck = Math.max(body.wall * 1.5, foot.radius * 0.36);
  const into = foot.height + body.wall * 0.6;
  const rim = [0.5, 0.15, 0.15, 0.5].map((inset, i): [number, number] => [foot.radius - inset * plate, (plate * (i + 0.15)) / 3.3]);
  const flank = Array.from({ length: STEM_STEPS }, (_, i): [number, number] => {
    const t = (i + 1) / STEM_STEPS;
    return [neck + (foot.radius - plate - neck) * (1 - t) ** 3, mix(plate, into, t ** 1.6)];
  });
  return [[0, 0], [foot.radius - plate, 0], ...rim, ...flank, [0, into]];
}

const SAUCER_STEPS = 8;

/** A shallow dish, its rim round, that the vessel's bottom sinks into. */
function saucer({ foot, body }: MugParameters): Outline {
  const { wall } = body;
  const stand = Math.max(sideRadius(body, 0) * 0.95, foot.radius * 0.42);
  const rise = foot.height * 1.1;
  const side = (lift: number): [number, number][] =>
    Array.from({ length: SAUCER_STEPS + 1 }, (_, i) => {
      const t = i / SAUCER_STEPS;
      return [mix(stand, foot.radius - wall / 2, t), lift + rise * t ** 1.7];
    });
  const [r, y] = [foot.radius - wall / 2, rise + wall / 2];
  const rim = [-60, -20, 20, 60].map((degrees): [number, number] => {
    const angle = (degrees * Math.PI) / 180;
    return [r + (wall / 2) * Math.cos(angle), y + (wall / 2) * Math.sin(angle)];
  });
  const under = Math.min(stand * 0.6, sideRadius(body, 0) * 0.6);
  const into = foot.height + wall * 0.6;
  return [[0, 0], ...side(0), ...rim, ...side(wall).toReversed(), [under * 1.15, wall], [under, into], [0, into]];
}
