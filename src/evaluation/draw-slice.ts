import type { ShapeSamples } from '../dataset/samples.js';
import type { TriangleMesh } from '../mesh.js';
import type { Picture } from './picture.js';

/** Across which axis a slice is cut: x is seen from the side, z from the front. */
export type SliceAxis = 'x' | 'z';

/** Samples drawn: those next to the plane. */
const DOTS = 9000;
/** Pixels. */
const DOT_RADIUS = 1.2;
const LINE_RADIUS = 0.6;
/** Drawn this much larger, then averaged. */
const OVERSAMPLING = 3;
const COLOURS = [
  [0, 0, 0],
  [86, 146, 206],
  [226, 112, 62],
  [30, 28, 26],
] as const;
const OUTSIDE = 1;
const INSIDE = 2;
const SURFACE = 3;

/**
 * A cut through a shape's samples: blue where they say outside, orange where inside, with the mesh's own section as a dark line. It
 * runs through the middle of what is inside, so that every solid shows.
 * @param mesh within the unit sphere
 * @param size width and height, pixels
 */
export function drawSlice(
  samples: Pick<ShapeSamples, 'positive' | 'negative'>,
  mesh: TriangleMesh,
  axis: SliceAxis,
  size: number,
): Picture {
  const slice = new Slice(axis, size);
  const place = middle(samples.negative, slice.across);
  const limit = nearest([samples.positive, samples.negative], slice.across, place);
  slice.dots(samples.positive, place, limit, OUTSIDE);
  slice.dots(samples.negative, place, limit, INSIDE);
  slice.section(mesh, place);
  return slice.finish();
}

/** Median along an axis; 0 without rows. */
function middle(rows: Float32Array, axis: number): number {
  const values = Float32Array.from({ length: rows.length / 4 }, (_, i) => rows[4 * i + axis]).sort();
  return values.length > 0 ? values[values.length >> 1] : 0;
}

/** The distance from the plane that DOTS samples stay within. */
function nearest(groups: readonly Float32Array[], axis: number, place: number): number {
  const count = groups.reduce((sum, rows) => sum + rows.length / 4, 0);
  const away = new Float32Array(count);
  let at = 0;
  for (const rows of groups) for (let i = axis; i < rows.length; i += 4) away[at++] = Math.abs(rows[i] - place);
  return count > DOTS ? away.sort()[DOTS] : Number.POSITIVE_INFINITY;
}

class Slice {
  readonly across: number;
  private readonly _side: number;
  private readonly _pixels: Uint8Array;

  constructor(
    private readonly _axis: SliceAxis,
    private readonly _size: number,
  ) {
    this.across = _axis === 'x' ? 0 : 2;
    this._side = _size * OVERSAMPLING;
    this._pixels = new Uint8Array(this._side * this._side);
  }

  dots(rows: Float32Array, place: number, limit: number, colour: number): void {
    for (let at = 0; at < rows.length; at += 4) {
      if (Math.abs(rows[at + this.across] - place) < limit) this._disc(this._right(rows, at), rows[at + 1], DOT_RADIUS, colour);
    }
  }

  section({ positions, triangles }: TriangleMesh, place: number): void {
    for (let t = 0; t < triangles.length; t += 3) {
      const ends: number[][] = [];
      for (let i = 0; i < 3; i++) {
        const [a, b] = [3 * triangles[t + i], 3 * triangles[t + ((i + 1) % 3)]];
        const [from, to] = [positions[a + this.across] - place, positions[b + this.across] - place];
        if (from < 0 === to < 0) continue;
        const share = from / (from - to);
        const [ra, rb] = [this._right(positions, a), this._right(positions, b)];
        ends.push([ra + share * (rb - ra), positions[a + 1] + share * (positions[b + 1] - positions[a + 1])]);
      }
      if (ends.length === 2) this._line(ends[0], ends[1]);
    }
  }

  finish(): Picture {
    const size = this._size;
    const data = new Uint8Array(4 * size * size);
    for (let pixel = 0; pixel < size * size; pixel++) {
      const sum = [0, 0, 0];
      let covered = 0;
      for (let sub = 0; sub < OVERSAMPLING ** 2; sub++) {
        const row = Math.floor(pixel / size) * OVERSAMPLING + Math.floor(sub / OVERSAMPLING);
        const colour = this._pixels[row * this._side + (pixel % size) * OVERSAMPLING + (sub % OVERSAMPLING)];
        if (colour === 0) continue;
        covered++;
        for (let channel = 0; channel < 3; channel++) sum[channel] += COLOURS[colour][channel];
      }
      if (covered === 0) continue;
      for (let channel = 0; channel < 3; channel++) data[4 * pixel + channel] = sum[channel] / covered;
      data[4 * pixel + 3] = (255 * covered) / OVERSAMPLING ** 2;
    }
    return { width: size, height: size, data };
  }

  /** Seen from +x, +z lies to the left. */
  private _right(values: Float32Array, at: number): number {
    return this._axis === 'x' ? -values[at + 2] : values[at];
  }

  private _line(from: readonly number[], to: readonly number[]): void {
    const steps = Math.ceil((Math.hypot(to[0] - from[0], to[1] - from[1]) * this._side) / 2) + 1;
    for (let step = 0; step <= steps; step++) {
      const share = step / steps;
      this._disc(from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1]), LINE_RADIUS, SURFACE);
    }
  }

  private _disc(right: number, up: number, pixels: number, colour: number): void {
    const radius = pixels * OVERSAMPLING;
    const x = ((right + 1) / 2) * this._side - 0.5;
    const y = ((1 - up) / 2) * this._side - 0.5;
    const [left, last] = [Math.max(0, Math.ceil(x - radius)), Math.min(this._side - 1, Math.floor(x + radius))];
    for (let row = Math.max(0, Math.ceil(y - radius)); row <= Math.min(this._side - 1, y + radius); row++) {
      for (let column = left; column <= last; column++) {
        if ((column - x) ** 2 + (row - y) ** 2 <= radius * radius) this._pixels[row * this._side + column] = colour;
      }
    }
  }
}
