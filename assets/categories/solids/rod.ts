import type { Manifold, ManifoldToplevel } from 'manifold-3d';
import { loft } from './loft.js';
import { add, cross, dot, normalize, scale, subtract, type Vector } from './vector.js';

export interface RodOptions {
  /** Metres: half the extent along `across`; a function gives it by the share of points passed, 0 to 1. */
  readonly radius: number | ((share: number) => number);
  /** Half the other extent over `radius`: 1 for a round rod, less for a flat one. */
  readonly flatness?: number;
  /** A direction that the path never takes; it steers the cross-section. */
  readonly across: Vector;
  /** 0: elliptical cross-section; 1: nearly rectangular. */
  readonly square?: number;
  /** Flat ends stop at the path's ends; round ones go on by the radius. */
  readonly ends?: 'round' | 'flat';
  /** Points around; a multiple of 4. */
  readonly segments?: number;
}

const SEGMENTS = 16;
const CAP_STEPS = 3;

/** A leg, bar, bent tube or turned foot: a cross-section swept along a path of at least two points. The caller must `delete()` it. */
export function rod(wasm: ManifoldToplevel, path: readonly Vector[], options: RodOptions): Manifold {
  const { radius, flatness = 1, across, square = 0, ends = 'round', segments = SEGMENTS } = options;
  const radiusAt = typeof radius === 'number' ? () => radius : radius;
  const profile = crossSection(square, segments);
  const last = path.length - 1;
  const tangents = path.map((_, i) => normalize(subtract(path[Math.min(i + 1, last)], path[Math.max(i - 1, 0)])));
  const ring = (at: number, share: number, shift: number): Vector[] => {
    const tangent = tangents[at];
    const a = normalize(subtract(across, scale(tangent, dot(across, tangent))));
    const b = cross(tangent, a);
    const r = radiusAt(at / last) * share;
    const centre = add(path[at], scale(tangent, shift));
    return profile.map(([x, y]) => add(centre, add(scale(a, x * r), scale(b, y * r * flatness))));
  };
  const capRadius = (at: number): number => radiusAt(at / last) * Math.min(1, flatness);
  const cap = (at: number, sign: number): Vector[][] =>
    ends === 'flat'
      ? []
      : Array.from({ length: CAP_STEPS - 1 }, (_, i) => {
          const angle = (Math.PI / 2) * ((i + 1) / CAP_STEPS);
          return ring(at, Math.cos(angle), sign * capRadius(at) * Math.sin(angle));
        });
  const pole = (at: number, sign: number): Vector =>
    ends === 'flat' ? path[at] : add(path[at], scale(tangents[at], sign * capRadius(at)));
  const rings = [...cap(0, -1).toReversed(), ...path.map((_, at) => ring(at, 1, 0)), ...cap(last, 1)];
  return loft(wasm, pole(0, -1), rings, pole(last, 1));
}

/** A superellipse of exponent 2 to 8, counter-clockwise, points spread by angle. */
function crossSection(square: number, segments: number): [number, number][] {
  const exponent = 2 / (1 - 0.75 * square);
  return Array.from({ length: segments }, (_, i) => {
    const angle = (2 * Math.PI * (i + 0.5)) / segments;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const r = (Math.abs(c) ** exponent + Math.abs(s) ** exponent) ** (-1 / exponent);
    return [c * r, s * r];
  });
}
