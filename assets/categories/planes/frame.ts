import { mix } from '../solids/vector.js';
import type { FuselageParameters, PlaneParameters } from './parameters.js';

/** Where things are on a plane: measures that several parts share. */

export const SIDES = [-1, 1] as const;

/** z of a place along the fuselage. @param share 0 at the nose, 1 at the tail's end */
export const along = ({ fuselage }: PlaneParameters, share: number): number => fuselage.length * (0.5 - share);

/** Diameter of the ball that a tail ends in. */
export const NARROWEST = 0.06;

/** Half the fuselage's width. */
export function halfWidth({ width, nose, tail, blunt, tailWidth }: FuselageParameters, share: number): number {
  const half = width / 2;
  // A needle's point is as thick as a tail's end; a blunt nose closes by itself.
  const tip = mix(NARROWEST / 2, 0.15 * half, blunt);
  const forward = Math.max(0, 1 - share / nose);
  const front = mix(tip, half, (1 - forward ** mix(1.35, 2, blunt)) ** mix(1, 0.5, blunt)) / half;
  const rearward = Math.max(0, 1 - (1 - share) / tail);
  const rear = mix(tailWidth, 1, Math.cos((Math.PI / 2) * rearward) ** 1.15);
  return half * front * Math.max(rear, NARROWEST / width);
}

/** y of the middle of the fuselage's section. */
export function axisHeight(fuselage: FuselageParameters, share: number): number {
  const narrowing = (fuselage.width / 2 - halfWidth(fuselage, share)) * fuselage.tallness;
  if (share < fuselage.nose) return -fuselage.droop * narrowing;
  return share > 1 - fuselage.tail ? fuselage.rise * narrowing : 0;
}

/** y of the fuselage's top (`side` 1) or bottom (-1). */
export const skin = (fuselage: FuselageParameters, share: number, side: number): number =>
  axisHeight(fuselage, share) + side * halfWidth(fuselage, share) * fuselage.tallness;

/** y of the wing in the plane of symmetry. */
export const wingLevel = ({ fuselage, wing }: PlaneParameters): number =>
  (wing.level * fuselage.width * fuselage.tallness) / 2 - wing.level * wing.thickness * 0.4;
