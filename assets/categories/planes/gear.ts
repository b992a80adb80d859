import { sampleCurve } from '../solids/paths.js';
import { mix, type Vector } from '../solids/vector.js';
import type { Workshop } from '../solids/workshop.js';
import { along, axisHeight, SIDES, skin } from './frame.js';
import type { PlaneParameters } from './parameters.js';
import { strut, wingMiddle } from './wings.js';

const SIDEWAYS: Vector = [1, 0, 0];
/** Of a wheel, along its axle. */
const TYRE = 0.07;

export function addGear(shop: Workshop, plane: PlaneParameters): void {
  const { style } = plane.gear;
  if (style === 'wheels' || style === 'tricycle') addWheels(shop, plane, style === 'wheels');
  if (style === 'floats') addFloats(shop, plane);
  if (style === 'hull') addHull(shop, plane);
}

/** @param tailwheel the third wheel is at the tail */
function addWheels(shop: Workshop, plane: PlaneParameters, tailwheel: boolean): void {
  const { gear, fuselage, wing } = plane;
  const third = tailwheel ? 0.92 : Math.max(0.1, wing.at - 0.2);
  const shareOfMain = tailwheel ? wing.at + 0.02 : wing.at + 0.14;
  const z = along(plane, shareOfMain);
  for (const side of SIDES) {
    const foot: Vector = [(side * gear.track) / 2, -gear.height, z];
    strut(shop, [side * fuselage.width * 0.22, skin(fuselage, shareOfMain, -1) * 0.6, z - 0.03], foot);
    addWheel(shop, foot, gear.radius);
  }
  const top = axisHeight(fuselage, third);
  const small = gear.radius * (tailwheel ? 0.62 : 0.85);
  const foot: Vector = [0, tailwheel ? skin(fuselage, third, -1) - small * 0.7 : -gear.height + gear.radius - small, along(plane, third)];
  strut(shop, [0, top, foot[2]], foot);
  addWheel(shop, foot, small);
}

function addWheel(shop: Workshop, [x, y, z]: Vector, radius: number): void {
  const path = sampleCurve(5, (t): Vector => [x + TYRE * (t - 0.5), y, z]);
  shop.rod(path, { radius: (t) => radius * (0.8 + 0.2 * Math.sin(Math.PI * t) ** 0.6), across: [0, 1, 0], ends: 'flat', segments: 20 });
}

/** Two floats whose bows rise, each on a strut before and one behind. */
function addFloats(shop: Workshop, plane: PlaneParameters): void {
  const { gear, fuselage, wing } = plane;
  const middle = wing.at + 0.06;
  const half = fuselage.length * 0.36;
  for (const side of SIDES) {
    const x = (side * gear.track) / 2;
    addFloat(shop, [x, -gear.height, along(plane, middle)], half, gear.radius);
    for (const end of [0.42, -0.5]) {
      const z = along(plane, middle) + end * half;
      const share = middle - (end * half) / fuselage.length;
      strut(shop, [side * fuselage.width * 0.2, skin(fuselage, share, -1) * 0.5, z], [x, -gear.height, z]);
    }
  }
}

function addFloat(shop: Workshop, [x, y, z]: Vector, half: number, radius: number): void {
  const bow = (t: number): number => Math.max(0, 1 - t / 0.35);
  const stern = (t: number): number => Math.max(0, (t - 0.55) / 0.45);
  const path = sampleCurve(16, (t): Vector => [x, y + radius * (0.7 * bow(t) ** 2 + 0.45 * stern(t) ** 1.5), z + mix(half, -half, t)]);
  shop.rod(path, {
    radius: (t) => radius * Math.max(0.34, Math.sqrt(1 - bow(t) ** 2)) * (1 - 0.5 * stern(t) ** 1.4),
    across: SIDEWAYS,
    square: 0.35,
    segments: 16,
  });
}

/** A boat's bottom under the front half, ending in a step, and a float under each wing. */
function addHull(shop: Workshop, plane: PlaneParameters): void {
  const { gear, fuselage, wing } = plane;
  const depth = fuselage.width * fuselage.tallness * 0.5;
  const [bow, step] = [0.03, wing.at + 0.22];
  const path = sampleCurve(16, (t): Vector => {
    const share = mix(bow, step, t);
    return [0, -depth * 0.62 + depth * 0.5 * (1 - t) ** 3, along(plane, share)];
  });
  shop.rod(path, {
    radius: (t) => fuselage.width * 0.46 * Math.max(0.2, Math.min(1, (t / 0.45) ** 0.6)),
    flatness: fuselage.tallness,
    across: SIDEWAYS,
    square: 0.3,
    segments: 20,
  });
  for (const side of SIDES) {
    const share = gear.track / wing.span;
    const top = wingMiddle(plane, side, share);
    const foot: Vector = [top[0], -gear.height, top[2]];
    addFloat(shop, foot, gear.radius * 2.6, gear.radius);
    strut(shop, top, foot, 0.06);
  }
}
