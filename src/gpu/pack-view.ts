/** 4x4 matrices for row vectors, as Babylon keeps them: point * matrix, row by row. */
export type Matrix16 = ArrayLike<number>;
type Row = readonly [number, number, number, number];

/** What a camera sees, and how. */
export interface View {
  /** From world to view space, and to clip space. */
  readonly view: Matrix16;
  readonly viewProjection: Matrix16;
  /** Whether the near plane lies at depth 1. */
  readonly reverseDepth: boolean;
  /** Planes of the world, whose side that is not positive is kept: x, y, z, d; six at most. */
  readonly clipPlanes: readonly Row[];
}

/** Where a shape stands. */
export interface Placement {
  readonly world: Matrix16;
  readonly inverseWorld: Matrix16;
}

/** The texels that a shape is traced into. */
export interface TexelPart {
  /** Of the whole view. */
  readonly width: number;
  readonly height: number;
  /** Texels from one row to the next. */
  readonly stride: number;
  /** The part of it that is traced. */
  readonly left: number;
  readonly bottom: number;
  readonly columns: number;
  readonly rows: number;
  /** Of the full resolution along a side, at most 1: how exact hits are. */
  readonly scale: number;
  /** Tells shapes apart; above 0. */
  readonly identity: number;
}

/** Bytes of `SdfView` in shaders/wavefront/view-source.wgsl. */
export const VIEW_BYTES = 384;
const MOST_PLANES = 8;

/**
 * A view of one shape as the shader takes it; all of it in the shape's own space.
 * @param halfExtent half the side of the box that is traced, where that is known: planes that do not cut it are left out
 * @returns [VIEW_BYTES / 4] words
 */
export function packView(
  view: View,
  { world, inverseWorld }: Placement,
  part: TexelPart,
  halfExtent = Number.POSITIVE_INFINITY,
): Float32Array<ArrayBuffer> {
  const clip = multiply(world, view.viewProjection);
  const [x, y, z, w] = [0, 1, 2, 3].map((column) => rowOf(clip, column));
  const near = view.reverseDepth ? minus(w, z) : z;
  const far = view.reverseDepth ? z : minus(w, z);
  const rays = raysOf(x, y, w, near);
  const planes = [negate(near), negate(far), ...view.clipPlanes.map((plane) => toModel(plane, world))]
    .filter(([x, y, z, d]) => d + 1.001 * halfExtent * (Math.abs(x) + Math.abs(y) + Math.abs(z)) >= 0)
    .slice(0, MOST_PLANES);

  const packed = new Float32Array(VIEW_BYTES / 4);
  const words = new Uint32Array(packed.buffer);
  for (const [i, vector] of rays.entries()) packed.set(vector, 4 * i);
  for (let row = 0; row < 3; row++) packed.set(rowOf(inverseWorld, row), 24 + 4 * row);
  packed.set(rowOf(multiply(world, view.view), 2), 36);
  for (const [i, row] of [x, y, w].entries()) packed.set(row, 40 + 4 * i);
  for (const [i, plane] of planes.entries()) packed.set(plane, 52 + 4 * i);
  words.set([part.left, part.bottom, part.columns, part.rows], 84);
  packed.set([part.width, part.height], 88);
  words.set([part.stride, planes.length], 90);
  packed.set([part.identity, part.scale], 92);
  return packed;
}

type Vector = readonly [number, number, number];

/**
 * Origin and direction of the ray through a place on the screen, both linear in its x and y: a ray is where two planes meet,
 * `x - screen.x * w = 0` and `y - screen.y * w = 0`.
 * @returns origin, its change with x, with y; direction, its change with x, with y
 */
function raysOf(x: Row, y: Row, w: Row, near: Row): Vector[] {
  const across = cross(x, y);
  const isPerspective = Math.hypot(w[0], w[1], w[2]) > 1e-6 * Math.hypot(x[0], x[1], x[2]);
  const ahead = (direction: Vector) => (dot(near, direction) < 0 ? -1 : 1);
  if (isPerspective) {
    // The eye is where clip x, y and w are all zero (Cramer's rule). A ray's sign is the same all over the screen.
    const volume = dot(w, across);
    const eye = sum(scaled(cross(y, w), -x[3] / volume), scaled(cross(w, x), -y[3] / volume), scaled(across, -w[3] / volume));
    const sign = Math.sign(volume) || 1;
    return [eye, NONE, NONE, scaled(across, sign), scaled(cross(w, y), -sign), scaled(cross(x, w), -sign)];
  }
  const volume = dot(across, across);
  const [withX, withY] = [scaled(cross(y, across), 1 / volume), scaled(cross(across, x), 1 / volume)];
  const flat = sum(scaled(withX, -x[3]), scaled(withY, -y[3]));
  // From the near plane, so that nothing is lost by distance.
  const toNear = -(dot(near, flat) + near[3]) / dot(near, across);
  return [sum(flat, scaled(across, toNear)), scaled(withX, w[3]), scaled(withY, w[3]), scaled(across, ahead(across)), NONE, NONE];
}

const NONE: Vector = [0, 0, 0];

/** Coefficients of one component of point * matrix. */
const rowOf = (m: Matrix16, column: number): Row => [m[column], m[4 + column], m[8 + column], m[12 + column]];

function multiply(a: Matrix16, b: Matrix16): number[] {
  return Array.from({ length: 16 }, (_, i) => {
    const [row, column] = [i >> 2, i & 3];
    return a[4 * row] * b[column] + a[4 * row + 1] * b[4 + column] + a[4 * row + 2] * b[8 + column] + a[4 * row + 3] * b[12 + column];
  });
}

/** A plane of the world as one of model space. */
const toModel = ([x, y, z, d]: Row, world: Matrix16): Row =>
  [0, 1, 2, 3].map((r) => x * world[4 * r] + y * world[4 * r + 1] + z * world[4 * r + 2] + (r === 3 ? d : 0)) as unknown as Row;

const minus = (a: Row, b: Row): Row => [a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3]];
const negate = (a: Row): Row => [-a[0], -a[1], -a[2], -a[3]];
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const scaled = (a: ArrayLike<number>, by: number): Vector => [a[0] * by, a[1] * by, a[2] * by];
const sum = (...vectors: Vector[]): Vector => vectors.reduce((a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
const cross = (a: ArrayLike<number>, b: ArrayLike<number>): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
