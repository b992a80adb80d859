import type { Manifold, ManifoldToplevel } from 'manifold-3d';
import { loft } from './loft.js';
import { add, cross, normalize, scale, subtract, type Vector } from './vector.js';

/** One section of a wing: a symmetric aerofoil whose chord runs along -z. */
export interface WingSection {
  /** The leading edge, metres. */
  readonly at: Vector;
  readonly chord: number;
  /** Where it is thickest. */
  readonly thickness: number;
}

const SIDE_POINTS = 11;
/** A trailing edge is a half circle of this share of the thickness: a knife's edge would be lost on a small decoder. */
const TRAILING_EDGE = 0.5;
const CAP_STEPS = 4;

/** A wing, fin or propeller blade through at least two sections, round at both ends. The caller must `delete()` it. */
export function wing(wasm: ManifoldToplevel, sections: readonly WingSection[]): Manifold {
  const last = sections.length - 1;
  const outward = normalize(withoutDepth(subtract(middle(sections[last]), middle(sections[0]))));
  const up = cross(outward, [0, 0, -1]);
  const ring = ({ at, chord, thickness }: WingSection, share: number, shift: number): Vector[] => {
    const inset = ((1 - share) * thickness) / 2;
    return aerofoil(chord - 2 * inset, thickness * share).map(([c, t]) =>
      add(add(at, scale(outward, shift)), add([0, 0, -c - inset], scale(up, t))),
    );
  };
  const cap = (section: WingSection, sign: number): Vector[][] =>
    Array.from({ length: CAP_STEPS - 1 }, (_, i) => {
      const angle = (Math.PI / 2) * ((i + 1) / CAP_STEPS);
      return ring(section, Math.cos(angle), (sign * Math.sin(angle) * section.thickness) / 2);
    });
  const pole = (section: WingSection, sign: number): Vector => add(middle(section), scale(outward, (sign * section.thickness) / 2));
  const rings = [...cap(sections[0], -1).toReversed(), ...sections.map((section) => ring(section, 1, 0)), ...cap(sections[last], 1)];
  return loft(wasm, pole(sections[0], -1), rings, pole(sections[last], 1));
}

const middle = ({ at, chord }: WingSection): Vector => add(at, [0, 0, -chord / 2]);
const withoutDepth = ([x, y]: Vector): Vector => [x, y, 0];

/** [along the chord, across it], counter-clockwise seen from the wing's tip: an elliptical nose, then straight to a round trailing edge. */
function aerofoil(chord: number, thickness: number): [number, number][] {
  const half = thickness / 2;
  const rear = half * TRAILING_EDGE;
  const nose = Math.min(0.34 * chord, 3 * half);
  const side: [number, number][] = [];
  for (let i = 1; i <= SIDE_POINTS; i++) {
    const angle = (Math.PI / 2) * (i / SIDE_POINTS);
    side.push([nose * (1 - Math.cos(angle)), half * Math.sin(angle)]);
  }
  for (let i = 0; i < 5; i++) {
    const angle = (Math.PI / 2) * (i / 5);
    side.push([chord - rear + rear * Math.sin(angle), rear * Math.cos(angle)]);
  }
  return [[0, 0], ...side.map(([c, t]): [number, number] => [c, -t]), [chord, 0], ...side.toReversed()];
}
