import { mix, type Vector } from '../solids/vector.js';
import type { Workshop } from '../solids/workshop.js';
import { vesselOutline } from './outline.js';
import type { BodyParameters, MugParameters } from './parameters.js';

/** Half the angle that a spout takes up, radians, as a Gaussian's deviation. */
const SPOUT_WIDTH = 0.42;
/** The share of the height from which a lip is drawn out. */
const SPOUT_FROM = 0.5;

export function addVessel(shop: Workshop, { body, foot }: MugParameters): void {
  shop.turn(vesselOutline(body), { shape: moulding(body, footHeight(foot.style, foot.height)) });
}

/** How high the vessel's bottom is above the floor. */
export const footHeight = (style: MugParameters['foot']['style'], height: number): number => (style === 'none' ? 0 : height);

/** What makes a turned vessel square, gives it a spout, and lifts it onto its foot. */
export function moulding(body: BodyParameters, lift: number): (point: Vector) => Vector {
  const exponent = 2 / (1 - 0.75 * body.square);
  return ([x, y, z]) => {
    const radius = Math.hypot(x, z);
    if (radius === 0) return [x, y + lift, z];
    const rounding = (Math.abs(x / radius) ** exponent + Math.abs(z / radius) ** exponent) ** (-1 / exponent);
    const fromSpout = Math.atan2(z, -x);
    const up = Math.max(0, Math.min(1.1, (y / body.height - SPOUT_FROM) / (1 - SPOUT_FROM)));
    const drawn = body.spout * Math.exp(-((fromSpout / SPOUT_WIDTH) ** 2)) * up * up;
    return [x * rounding - drawn, y + lift + mix(0, 0.3, up) * drawn, z * rounding];
  };
}
