import type { Manifold, ManifoldToplevel } from 'manifold-3d';
import { loft } from './loft.js';
import { add, cross, length, normalize, scale, subtract, type Vector } from './vector.js';

/** Maps (u, v) in [-1, 1]² to the sheet's middle surface; its front looks along dS/du x dS/dv. */
export type Surface = (u: number, v: number) => Vector;

export interface SheetOptions {
  /** Metres, through the sheet; its edge is a half circle of this diameter. */
  readonly thickness: number;
  /** 0: square corners; 1: the outline is an ellipse. */
  readonly corner: number;
  /** Metres by which the front bulges in the middle. */
  readonly crown?: number;
  /** Multiplies the count of rings and of points along the sides; 1 does for gentle bends. */
  readonly detail?: number;
}

const SIDE_SEGMENTS = 6;
const CORNER_SEGMENTS = 5;
const INNER_RINGS = 5;
const EDGE_STEPS = 6;

/** A cushion, board or shell: a surface thickened, with round corners and round edges. The caller must `delete()` it. */
export function sheet(wasm: ManifoldToplevel, surface: Surface, { thickness, corner, crown = 0, detail = 1 }: SheetOptions): Manifold {
  const half = thickness / 2;
  const halfU = arcLength((t) => surface(t, 0)) / 2;
  const halfV = arcLength((t) => surface(0, t)) / 2;
  const outline = roundedRectangle(halfU, halfV, Math.max(corner * Math.min(halfU, halfV), half), detail);
  const point = (at: number, share: number, inset: number, lift: number): Vector => {
    const u = outline[at][0] * (1 - inset / halfU) * share;
    const v = outline[at][1] * (1 - inset / halfV) * share;
    return add(surface(u, v), scale(normalAt(surface, u, v), lift));
  };
  const ring = (share: number, inset: number, lift: number): Vector[] => outline.map((_, at) => point(at, share, inset, lift));
  const innerRings = INNER_RINGS * detail;
  const inner = Array.from({ length: innerRings - 1 }, (_, i) => (i + 1) / innerRings);
  const bulge = (share: number): number => crown * (1 - share * share) ** 1.5;
  const rings = [
    ...inner.map((share) => ring(share, half, -half)),
    ...Array.from({ length: EDGE_STEPS + 1 }, (_, i) => {
      const angle = (Math.PI * i) / EDGE_STEPS;
      return ring(1, half * (1 - Math.sin(angle)), -half * Math.cos(angle));
    }),
    ...inner.toReversed().map((share) => ring(share, half, half + bulge(share))),
  ];
  return loft(wasm, point(0, 0, half, -half), rings, point(0, 0, half, half + bulge(0)));
}

function normalAt(surface: Surface, u: number, v: number): Vector {
  const h = 1e-3;
  return normalize(cross(subtract(surface(u + h, v), surface(u - h, v)), subtract(surface(u, v + h), surface(u, v - h))));
}

function arcLength(curve: (t: number) => Vector): number {
  let sum = 0;
  for (let i = 0; i < 32; i++) sum += length(subtract(curve(-1 + (i + 1) / 16), curve(-1 + i / 16)));
  return sum;
}

/** Counter-clockwise, in units of the half sides. */
function roundedRectangle(halfU: number, halfV: number, radius: number, detail: number): [number, number][] {
  const r = Math.min(radius, halfU * 0.98, halfV * 0.98);
  const cornerSegments = CORNER_SEGMENTS + 2 * (detail - 1);
  const points: [number, number][] = [];
  for (let quarter = 0; quarter < 4; quarter++) {
    const [cu, cv] = [
      [1, 1],
      [-1, 1],
      [-1, -1],
      [1, -1],
    ][quarter].map((sign, axis) => sign * ((axis === 0 ? halfU : halfV) - r));
    for (let i = 0; i <= cornerSegments; i++) {
      const angle = (Math.PI / 2) * (quarter + i / cornerSegments);
      points.push([cu + r * Math.cos(angle), cv + r * Math.sin(angle)]);
    }
  }
  const withSides = points.flatMap((point, i) => {
    const next = points[(i + 1) % points.length];
    const steps = i % (cornerSegments + 1) === cornerSegments ? SIDE_SEGMENTS * detail : 1;
    return Array.from({ length: steps }, (_, k) => [0, 1].map((axis) => point[axis] + ((next[axis] - point[axis]) * k) / steps));
  });
  return withSides.map(([u, v]) => [u / halfU, v / halfV]);
}
