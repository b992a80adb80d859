import type { Manifold, ManifoldToplevel } from 'manifold-3d';
import { loft } from './loft.js';
import type { Vector } from './vector.js';

/** [radius, height] in metres, from the axis at the bottom outward and up, and back to the axis: its first and last radius are 0. */
export type Outline = readonly (readonly [number, number])[];

export interface TurnedOptions {
  /** Moves each point, so that what is turned need not stay round. */
  readonly shape?: (point: Vector) => Vector;
  /** Points around. */
  readonly segments?: number;
  /** In steps from point to point: by how much the points are turned. Where two turned solids meet, other points than the first one's. */
  readonly phase?: number;
}

const SEGMENTS = 48;

/** A solid of revolution around +y, as a potter turns it. The caller must `delete()` it. */
export function turned(wasm: ManifoldToplevel, outline: Outline, options: TurnedOptions): Manifold {
  const { shape = (point) => point, segments = SEGMENTS, phase = 0 } = options;
  const rings = outline.slice(1, -1).map(([radius, y]) =>
    Array.from({ length: segments }, (_, i): Vector => {
      const angle = (2 * Math.PI * (i + phase)) / segments;
      return shape([radius * Math.cos(angle), y, -radius * Math.sin(angle)]);
    }),
  );
  return loft(wasm, shape([0, outline[0][1], 0]), rings, shape([0, outline[outline.length - 1][1], 0]));
}
