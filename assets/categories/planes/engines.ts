import { sampleCurve } from '../solids/paths.js';
import { add, mix, scale, type Vector } from '../solids/vector.js';
import type { Workshop } from '../solids/workshop.js';
import { along, axisHeight, halfWidth, SIDES } from './frame.js';
import type { PlaneParameters } from './parameters.js';
import { wingMiddle, wingSection } from './wings.js';

const SIDEWAYS: Vector = [1, 0, 0];
/** Of a propeller's blade: width and thickness. */
export const BLADE = { width: 0.1, thickness: 0.05 } as const;
/** Of the wall around an intake, least. */
export const LIP = 0.045;
/** The outer pair's place over the inner one's. */
const OUTER = 1.95;
/** Between a rear pod and the fuselage. */
const REAR_GAP = 0.065;

export function addEngines(shop: Workshop, plane: PlaneParameters): void {
  const { engines, fuselage } = plane;
  if (engines.style === 'pods') forPairs(plane, (side, share) => addUnderWing(shop, plane, side, share));
  if (engines.style === 'wing') forPairs(plane, (side, share) => addNacelle(shop, plane, side, share));
  if (engines.style === 'rear') for (const side of SIDES) addRearPod(shop, plane, side);
  if (engines.style === 'jet') addJet(shop, plane);
  if (engines.style === 'nose') addPropeller(shop, [0, axisHeight(fuselage, 0), along(plane, 0) + 0.01], plane);
}

function forPairs({ engines }: PlaneParameters, build: (side: number, share: number) => void): void {
  for (const side of SIDES) for (let pair = 0; pair < engines.count / 2; pair++) build(side, engines.at * (pair === 0 ? 1 : OUTER));
}

/** A turbofan's cowl: open in front, narrower behind. */
function addPod(shop: Workshop, front: Vector, radius: number, length: number): void {
  const path = sampleCurve(12, (t): Vector => add(front, [0, 0, -length * t]));
  const profile = (t: number): number => radius * (t < 0.12 ? mix(0.86, 1, Math.sqrt(t / 0.12)) : 1 - 0.42 * ((t - 0.12) / 0.88) ** 2.2);
  shop.rod(path, { radius: profile, across: SIDEWAYS, ends: 'flat', segments: 24 });
  const bore = radius - LIP;
  shop.drill([add(front, [0, 0, 0.05]), add(front, [0, 0, -radius * 0.7])], { radius: bore, across: SIDEWAYS, ends: 'flat', segments: 24 });
}

function addUnderWing(shop: Workshop, plane: PlaneParameters, side: number, share: number): void {
  const { engines } = plane;
  const { radius, length } = engines;
  const section = wingSection(plane, side, share);
  const y = section.at[1] - radius * 1.2 - section.thickness / 2;
  const z = section.at[2] + length * engines.forward;
  addPod(shop, [section.at[0], y, z], radius, length);
  const chord = Math.min(length * 0.62, section.chord * 1.2);
  shop.wing([
    { at: [section.at[0], y + radius * 0.5, z - length * 0.22], chord, thickness: 0.055 },
    { at: [section.at[0], section.at[1], z - length * 0.42], chord, thickness: 0.055 },
  ]);
}

function addRearPod(shop: Workshop, plane: PlaneParameters, side: number): void {
  const { fuselage, engines } = plane;
  const share = 1 - fuselage.tail;
  const x = side * (halfWidth(fuselage, share) + engines.radius + REAR_GAP);
  const y = fuselage.width * fuselage.tallness * 0.3;
  const z = along(plane, share + 0.05);
  addPod(shop, [x, y, z], engines.radius, engines.length);
  const chord = engines.length * 0.52;
  const stub = (at: number) => ({ at: [at, y, z - engines.length * 0.32] as Vector, chord, thickness: 0.06 });
  shop.wing(side > 0 ? [stub(0), stub(x)] : [stub(x), stub(0)]);
}

/** A turboprop's or a bomber's engine, built into the wing's leading edge. */
function addNacelle(shop: Workshop, plane: PlaneParameters, side: number, share: number): void {
  const { radius, length } = plane.engines;
  const { at, chord } = wingSection(plane, side, share);
  const [x, y] = [at[0], wingMiddle(plane, side, share)[1] - radius * 0.25];
  const front = at[2] + length - chord * 0.75;
  const path = sampleCurve(10, (t): Vector => [x, mix(y, at[1], t), front - length * t]);
  const profile = (t: number): number => radius * (t < 0.25 ? mix(0.62, 1, Math.sqrt(t / 0.25)) : 1 - 0.62 * ((t - 0.25) / 0.75) ** 2);
  shop.rod(path, { radius: profile, across: SIDEWAYS, flatness: 1.1, segments: 16 });
  addPropeller(shop, [x, y, front + radius * 0.62], plane);
}

/** Spinner and blades before `hub`. */
function addPropeller(shop: Workshop, hub: Vector, { engines }: PlaneParameters): void {
  const spinner = Math.min(0.075, engines.propeller * 0.26);
  const nose = sampleCurve(5, (t): Vector => add(hub, [0, 0, mix(-0.05, spinner * 1.15, t)]));
  shop.rod(nose, { radius: (t) => spinner * Math.sqrt(1 - 0.75 * t * t), across: SIDEWAYS, segments: 12 });
  for (let i = 0; i < engines.blades; i++) {
    const angle = Math.PI / 2 + (2 * Math.PI * i) / engines.blades;
    const out: Vector = [Math.cos(angle), Math.sin(angle), 0];
    // Blades are turned by about 25 degrees, as their pitch is.
    const across: Vector = [-out[1] * 0.9, out[0] * 0.9, -0.42];
    const path = sampleCurve(4, (t) => add(hub, scale(out, mix(0.02, engines.propeller - BLADE.width * 0.3, t))));
    shop.rod(path, {
      radius: (t) => (BLADE.width / 2) * (0.75 + 0.35 * Math.sin(Math.PI * Math.min(1, t * 1.15))),
      flatness: BLADE.thickness / BLADE.width,
      across,
      segments: 10,
    });
  }
}

/** Intakes on both sides and one or two nozzles. */
function addJet(shop: Workshop, plane: PlaneParameters): void {
  const { fuselage, engines, wing } = plane;
  const tail = along(plane, 1);
  const nozzle = engines.radius;
  for (let i = 0; i < engines.count; i++) {
    const x = engines.count === 1 ? 0 : (i - 0.5) * nozzle * 1.9;
    const y = axisHeight(fuselage, 0.95);
    const path = sampleCurve(6, (t): Vector => [x, y, mix(tail + fuselage.length * 0.22, tail - 0.06, t)]);
    shop.rod(path, { radius: (t) => nozzle * mix(1.05, 0.86, t), across: SIDEWAYS, ends: 'flat', segments: 24 });
    shop.drill(
      [
        [x, y, tail - 0.2],
        [x, y, tail + 0.02],
      ],
      { radius: nozzle * 0.86 - LIP, across: SIDEWAYS, ends: 'flat', segments: 20 },
    );
  }
  const front = along(plane, wing.at) + engines.length * 0.25;
  for (const side of SIDES) {
    const share = wing.at - (engines.length * 0.25) / fuselage.length;
    const x = side * (halfWidth(fuselage, Math.max(share, 0.3)) + engines.radius * 0.25);
    const path = sampleCurve(8, (t): Vector => [x * mix(1, 0.7, t ** 2), 0, front - engines.length * t]);
    shop.rod(path, {
      radius: (t) => engines.radius * 0.82 * mix(1, 0.6, t ** 2),
      flatness: 1.25,
      across: SIDEWAYS,
      square: 0.5,
      ends: 'flat',
      segments: 20,
    });
    const bore = engines.radius * 0.82 - LIP;
    if (bore > 0.02)
      shop.drill(
        [
          [x, 0, front + 0.05],
          [x, 0, front - 0.07],
        ],
        { radius: bore, flatness: 1.25, across: SIDEWAYS, square: 0.5, ends: 'flat', segments: 20 },
      );
  }
}
