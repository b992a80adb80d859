import type { DistanceEvaluator } from '../../src/decoder/evaluator.js';
import { DenseGrid } from '../../src/meshing/scalar-grid.js';

/** Signed distance at a point, model units. */
export type Distance = (x: number, y: number, z: number) => number;

const box = (x: number, y: number, z: number, half: readonly [number, number, number]): number => {
  const [dx, dy, dz] = [Math.abs(x) - half[0], Math.abs(y) - half[1], Math.abs(z) - half[2]];
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0), Math.max(dz, 0)) + Math.min(0, Math.max(dx, dy, dz));
};

const WALL = 0.07;

interface AnalyticShape {
  readonly distance: Distance;
  readonly volume: number;
  /** Bound of a mesh's relative error in volume, in units of the cell squared: marching cubes is of second order. */
  readonly volumeError: number;
}

/** Shapes with distances that never overstate, and known volumes. */
export const SHAPES: Readonly<Record<string, AnalyticShape>> = {
  sphere: { distance: (x, y, z) => Math.hypot(x, y, z) - 0.7, volume: (4 / 3) * Math.PI * 0.7 ** 3, volumeError: 2 },
  torus: { distance: (x, y, z) => Math.hypot(Math.hypot(x, y) - 0.6, z) - 0.2, volume: 2 * Math.PI ** 2 * 0.6 * 0.2 ** 2, volumeError: 10 },
  'hollow box with thin walls': {
    distance: (x, y, z) => Math.max(box(x, y, z, [0.71, 0.52, 0.61]), -box(x, y, z, [0.71 - WALL, 0.52 - WALL, 0.61 - WALL])),
    volume: 8 * (0.71 * 0.52 * 0.61 - (0.71 - WALL) * (0.52 - WALL) * (0.61 - WALL)),
    volumeError: 40,
  },
  'two spheres that touch': {
    distance: (x, y, z) => Math.min(Math.hypot(x - 0.4, y, z), Math.hypot(x + 0.4, y, z)) - 0.4,
    volume: (8 / 3) * Math.PI * 0.4 ** 3,
    volumeError: 8,
  },
};

/** Counts its evaluations. */
export class AnalyticEvaluator implements DistanceEvaluator {
  evaluations = 0;

  constructor(private readonly _distance: Distance) {}

  evaluate(points: Float32Array, out: Float32Array): void {
    this.evaluations += out.length;
    for (let i = 0; i < out.length; i++) out[i] = this._distance(points[3 * i], points[3 * i + 1], points[3 * i + 2]);
  }
}

/** The distance at every corner of a grid over [-halfExtent, halfExtent]^3. */
export function denseGrid(distance: Distance, resolution: number, halfExtent = 1): DenseGrid {
  const side = resolution + 1;
  const at = (index: number) => Math.fround((index * 2 * halfExtent) / resolution - halfExtent);
  const values = Float32Array.from({ length: side ** 3 }, (_, n) =>
    distance(at(n % side), at(Math.floor(n / side) % side), at(Math.floor(n / side ** 2))),
  );
  return new DenseGrid(resolution, halfExtent, values);
}
