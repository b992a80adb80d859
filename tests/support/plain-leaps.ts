import type { TraceConstants } from '../../src/gpu/compose-wgsl.js';

export type Point = readonly [number, number, number];

/** A piece of a ray through the box, model units. */
export interface LeapRay {
  readonly origin: Point;
  /** Of unit length. */
  readonly direction: Point;
  /** Lengths along it: where leaping starts, and where there is no more to search. */
  readonly start: number;
  readonly end: number;
  /** Sign of the field that may be leapt through. */
  readonly expected: 1 | -1;
}

/** Ball of one sign of the field, and the piece of a ray in it. */
interface ProvenBall {
  readonly center: Point;
  readonly radius: number;
  readonly from: number;
  readonly to: number;
}

/** How far a point is from the surface at least, by what a ball proves; negative outside it. */
export function clearanceIn({ center, radius }: ProvenBall, [x, y, z]: Point): number {
  return radius - Math.hypot(center[0] - x, center[1] - y, center[2] - z);
}

/** What the grid proves of one ray. */
export interface ProvenWay {
  /** How far balls lead without a gap from the ray's start. */
  readonly reach: number;
  readonly balls: readonly ProvenBall[];
}

/**
 * Leaps as shaders/grid-leaps.wgsl has them, plainly: no steps, no packed words, no distances between cells. What a cell's centre proves is a
 * ball, a free cell lies in its own, and a ray may use those of the cells that it passes.
 */
export class PlainLeaps {
  private readonly _values: Float64Array;
  private readonly _cell: number;

  /** @param field signed distance, model units */
  constructor(
    field: (point: Point) => number,
    private readonly _constants: TraceConstants,
  ) {
    const { gridResolution, halfExtent } = _constants;
    this._cell = (2 * halfExtent) / gridResolution;
    this._values = Float64Array.from({ length: gridResolution ** 3 }, (_, index) => field(this._centerOf(index)));
  }

  /** @param slack model units: gap between two balls that is rounding's */
  search({ origin, direction, start, expected }: LeapRay, slack: number): ProvenWay {
    const { delta, stepScale } = this._constants;
    const balls: ProvenBall[] = [];
    for (let index = 0; index < this._values.length; index++) {
      const value = expected * this._values[index];
      if (value <= 0) continue;
      const radius = stepScale * Math.min(value, delta);
      const center = this._centerOf(index);
      const toOrigin = [origin[0] - center[0], origin[1] - center[1], origin[2] - center[2]];
      const along = dot(toOrigin, direction);
      const inside = along ** 2 - dot(toOrigin, toOrigin) + radius ** 2;
      if (inside <= 0 || !this._passes(toOrigin, direction, start - slack, slack)) continue;
      balls.push({ center, radius, from: -along - Math.sqrt(inside), to: -along + Math.sqrt(inside) });
    }
    balls.sort((a, b) => a.from - b.from);
    let reach = start;
    for (const { from, to } of balls) if (from <= reach + slack) reach = Math.max(reach, to);
    return { reach, balls };
  }

  private _centerOf(index: number): [number, number, number] {
    const { gridResolution: n, halfExtent } = this._constants;
    const at = (corner: number) => (corner + 0.5) * this._cell - halfExtent;
    return [at(index % n), at(Math.floor(index / n) % n), at(Math.floor(index / n ** 2))];
  }

  /** Whether a ray, from `start` on, passes a cell or comes as near to it as `slack`; slabs. */
  private _passes(toOrigin: readonly number[], direction: Point, start: number, slack: number): boolean {
    const half = 0.5 * this._cell + slack;
    let [enters, leaves] = [start, Number.POSITIVE_INFINITY];
    for (let axis = 0; axis < 3; axis++) {
      if (direction[axis] === 0) {
        if (Math.abs(toOrigin[axis]) > half) return false;
        continue;
      }
      const [below, above] = [(-half - toOrigin[axis]) / direction[axis], (half - toOrigin[axis]) / direction[axis]];
      enters = Math.max(enters, Math.min(below, above));
      leaves = Math.min(leaves, Math.max(below, above));
    }
    return enters <= leaves;
  }
}

const dot = (a: readonly number[], b: readonly number[]): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
