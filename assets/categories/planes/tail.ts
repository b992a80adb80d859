import type { Vector } from '../solids/vector.js';
import type { WingSection } from '../solids/wing.js';
import type { Workshop } from '../solids/workshop.js';
import { along, axisHeight, halfWidth, SIDES } from './frame.js';
import type { PlaneParameters } from './parameters.js';

/** How far outward twin fins lean, and the two of a V, over their height. */
const TWIN_LEAN = 0.28;
const V_LEAN = 0.85;
/** The fuselage ends this far behind the tail's roots. */
const OVERHANG = 0.03;

export function addTail(shop: Workshop, plane: PlaneParameters): void {
  const { style, finHeight } = plane.tail;
  if (style === 'twin' || style === 'v') {
    const lean = style === 'v' ? V_LEAN : TWIN_LEAN;
    for (const side of SIDES) shop.wing(fin(plane, style === 'v' ? 0 : side, side * lean));
  } else shop.wing(fin(plane, 0, 0));
  if (style === 'low' || style === 'twin') shop.wing(tailplane(plane, 0));
  if (style === 't') shop.wing(tailplane(plane, finHeight));
}

/** Leading edge of the fin's root, on the fuselage's axis. */
function finRoot(plane: PlaneParameters): Vector {
  const share = 1 - plane.tail.finChord / plane.fuselage.length;
  return [0, axisHeight(plane.fuselage, share + 0.04), along(plane, 1) + plane.tail.finChord + OVERHANG];
}

/**
 * @param side 0 for a fin in the middle
 * @param lean outward, over its height
 */
function fin(plane: PlaneParameters, side: number, lean: number): WingSection[] {
  const { tail, fuselage } = plane;
  const [, y, z] = finRoot(plane);
  // A fin that carries the tailplane ends inside it.
  const height = tail.style === 't' ? tail.finHeight - tail.thickness / 2 : tail.finHeight;
  const x = side * Math.max(halfWidth(fuselage, 0.93) - tail.thickness / 2, 0);
  return [
    { at: [x, y, z], chord: tail.finChord, thickness: tail.thickness * 1.15 },
    {
      at: [x + lean * height, y + height, z - tail.sweep * height],
      chord: tail.finChord * tail.taper,
      thickness: tail.thickness,
    },
  ];
}

/** Tip to tip; `height` above the fuselage's axis. */
function tailplane(plane: PlaneParameters, height: number): WingSection[] {
  const { tail } = plane;
  const onFin = height > 0;
  const [, y, z] = finRoot(plane);
  // On top of a fin it lies over the fin's tip, and a little forward.
  const front = onFin ? z - tail.sweep * height + 0.02 : along(plane, 1) + OVERHANG + tail.planeChord;
  const level = onFin ? y + height : axisHeight(plane.fuselage, 1 - tail.planeChord / plane.fuselage.length / 2);
  const section = (side: number): WingSection => ({
    at: [(side * tail.span) / 2, level, front - (Math.abs(side) * tail.sweep * tail.span) / 2],
    chord: tail.planeChord * (side === 0 ? 1 : tail.taper),
    thickness: tail.thickness * (side === 0 ? 1.1 : 1),
  });
  return [section(-1), section(0), section(1)];
}
