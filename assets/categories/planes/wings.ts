import { mix, type Vector } from '../solids/vector.js';
import type { WingSection } from '../solids/wing.js';
import type { Workshop } from '../solids/workshop.js';
import { along, SIDES, skin, wingLevel } from './frame.js';
import type { PlaneParameters } from './parameters.js';

/** Shares of half the span at which a curved wing has sections. */
const STATIONS = [0, 0.12, 0.24, 0.36, 0.52, 0.68, 0.82, 0.92, 1];
/** The share of half the span over which a strake runs out. */
const STRAKE_REACH = 0.42;
/** Of a strut, across the flow. */
export const STRUT = 0.052;

/** The section of one wing, `share` of half the span out to `side`. */
export function wingSection(plane: PlaneParameters, side: number, share: number): WingSection {
  const { wing } = plane;
  const tapered = wing.root * mix(1, wing.taper, share);
  const curved = wing.root * Math.sqrt(1 - 0.93 * share * share);
  const chord = mix(tapered, curved, wing.rounding);
  const strake = wing.strake * Math.max(0, 1 - share / STRAKE_REACH) ** 2;
  return {
    at: [
      side * share * (wing.span / 2),
      wingLevel(plane) + wing.rise * share,
      // A rounded wing keeps its line at 40 % of the chord.
      along(plane, wing.at) - wing.sweep * share - (tapered - chord) * 0.4 + strake,
    ],
    chord: chord + strake,
    thickness: mix(wing.thickness, wing.tipThickness, share),
  };
}

/** Middle of a wing's section. */
export function wingMiddle(plane: PlaneParameters, side: number, share: number): Vector {
  const { at, chord } = wingSection(plane, side, share);
  return [at[0], at[1], at[2] - chord * 0.45];
}

/** Left tip to right tip, in one piece. */
function wholeWing(plane: PlaneParameters): WingSection[] {
  const { rounding, strake } = plane.wing;
  const stations = rounding > 0 || strake > 0 ? STATIONS : [0, 0.5, 1];
  return [
    ...stations
      .slice(1)
      .toReversed()
      .map((share) => wingSection(plane, -1, share)),
    ...stations.map((share) => wingSection(plane, 1, share)),
  ];
}

export function addWings(shop: Workshop, plane: PlaneParameters): void {
  const { wing, upper, fuselage } = plane;
  const whole = wholeWing(plane);
  shop.wing(whole);
  if (wing.winglet > 0) for (const side of SIDES) addWinglet(shop, plane, side);
  if (wing.braced) {
    for (const side of SIDES) {
      const foot: Vector = [side * fuselage.width * 0.3, skin(fuselage, wing.at + 0.1, -1) * 0.75, wingMiddle(plane, side, 0)[2]];
      strut(shop, foot, wingMiddle(plane, side, 0.55));
    }
  }
  if (upper.gap > 0) {
    const raised = ([x, y, z]: Vector): Vector => [x, y + upper.gap, z + upper.stagger];
    shop.wing(whole.map((section) => ({ ...section, at: raised(section.at) })));
    for (const side of SIDES) {
      const cabane: Vector = [side * fuselage.width * 0.2, 0, wingMiddle(plane, side, 0)[2]];
      strut(shop, cabane, [cabane[0] * 1.6, wingLevel(plane) + upper.gap, cabane[2] + upper.stagger]);
      for (let bay = 0; bay < upper.bays; bay++) {
        const foot = wingMiddle(plane, side, 0.8 * ((bay + 1) / upper.bays) + 0.02);
        strut(shop, foot, raised(foot));
      }
    }
  }
}

/** A bar that is twice as long in the flow's direction as across. */
export function strut(shop: Workshop, from: Vector, to: Vector, width = STRUT): void {
  shop.rod([from, to], { radius: width, flatness: 0.5, across: [0, 0, 1], segments: 12 });
}

function addWinglet(shop: Workshop, plane: PlaneParameters, side: number): void {
  const { wing } = plane;
  const { at, chord, thickness } = wingSection(plane, side, 0.985);
  const lean = wing.winglet * 0.35;
  shop.wing([
    { at, chord, thickness },
    { at: [at[0] + side * lean, at[1] + wing.winglet, at[2] - wing.winglet * 0.7], chord: chord * 0.7, thickness },
  ]);
}
