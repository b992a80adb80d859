import type { TriangleMesh } from '../mesh.js';

/** Settings of `renderViews`. */
export interface ViewOptions {
  /** Virtual cameras, spread evenly over the sphere. */
  readonly views: number;
  /** Width and height of each camera's picture, pixels; it covers [-1, 1] x [-1, 1]. */
  readonly viewSize: number;
}

/** What the cameras saw: a point a covered pixel, and how often a triangle showed its other side. */
export interface SurfaceViews {
  /** [n, 3] model units */
  readonly points: Float32Array;
  /** [n] twice the triangle that the point lies on, plus 1 where its back was seen (corners clockwise) */
  readonly faces: Uint32Array;
  /** [triangles] which of its sides were seen, a SIDE */
  readonly sides: Uint8Array;
  /** Points on triangles that had by then been seen from both sides. */
  readonly badObservations: number;
  /** Triangles seen from both sides. */
  readonly badTriangles: number;
}

/** front | back is both. */
export const SIDE = { unseen: 0, front: 1, back: 2, both: 3 } as const;

/**
 * Looks at a mesh from all around, orthographically (Park 2019, supplement B; the counts are those of the authors' released code,
 * so that its thresholds keep their meaning). With a depth buffer: for 100 views of 400 x 400 and 17 k triangles it takes 0.7 s, where a
 * ray a pixel through three-mesh-bvh takes 13 s.
 * @param mesh within the unit sphere; its orientation does not matter
 * @param onProgress called after each view with the share done
 */
export function renderViews(mesh: TriangleMesh, { views, viewSize }: ViewOptions, onProgress?: (done: number) => void): SurfaceViews {
  const sides = new Uint8Array(mesh.triangles.length / 3);
  const camera = new Camera(mesh, viewSize);
  const clouds: { points: Float32Array; faces: Uint32Array }[] = [];
  let badObservations = 0;
  for (let view = 0; view < views; view++) {
    camera.look(directionOfView(view, views));
    const cloud = camera.cloud();
    clouds.push(cloud);
    for (const face of cloud.faces) {
      const triangle = face >> 1;
      sides[triangle] |= face & 1 ? SIDE.back : SIDE.front;
      badObservations += Number(sides[triangle] === SIDE.both);
    }
    onProgress?.((view + 1) / views);
  }
  const count = clouds.reduce((sum, { faces }) => sum + faces.length, 0);
  const points = new Float32Array(3 * count);
  const faces = new Uint32Array(count);
  let at = 0;
  for (const cloud of clouds) {
    points.set(cloud.points, 3 * at);
    faces.set(cloud.faces, at);
    at += cloud.faces.length;
  }
  return { points, faces, sides, badObservations, badTriangles: sides.reduce((sum, side) => sum + Number(side === SIDE.both), 0) };
}

/** Toward the camera: a Fibonacci spiral, which gives every direction about the same share of the sphere. */
export function directionOfView(view: number, views: number): [number, number, number] {
  const y = (2 * view + 1) / views - 1;
  const radius = Math.sqrt(1 - y * y);
  const angle = (view + 1) * Math.PI * (3 - Math.sqrt(5));
  return [radius * Math.cos(angle), y, radius * Math.sin(angle)];
}

/** A depth buffer and, a pixel, the face that is seen there. */
class Camera {
  private readonly _depth: Float64Array;
  /** 1 + face; 0 where nothing is. */
  private readonly _faces: Uint32Array;
  /** [vertices, 3] in the camera's frame: right, up, toward the camera. */
  private readonly _places: Float64Array;
  private _frame: readonly number[] = [];

  constructor(
    private readonly _mesh: TriangleMesh,
    private readonly _size: number,
  ) {
    this._depth = new Float64Array(_size * _size);
    this._faces = new Uint32Array(_size * _size);
    this._places = new Float64Array(_mesh.positions.length);
  }

  look(toward: readonly [number, number, number]): void {
    const [x, y, z] = toward;
    // Any up will do: the coordinate axis farthest from the direction is never parallel to it.
    const flat = Math.abs(y) < 0.9 ? [z, 0, -x] : [0, -z, y];
    const length = Math.hypot(...flat);
    const [rx, ry, rz] = flat.map((value) => value / length);
    const [ux, uy, uz] = [y * rz - z * ry, z * rx - x * rz, x * ry - y * rx];
    this._frame = [rx, ry, rz, ux, uy, uz, x, y, z];
    const { positions, triangles } = this._mesh;
    for (let i = 0; i < positions.length; i += 3) {
      const [px, py, pz] = [positions[i], positions[i + 1], positions[i + 2]];
      this._places[i] = rx * px + ry * py + rz * pz;
      this._places[i + 1] = ux * px + uy * py + uz * pz;
      this._places[i + 2] = x * px + y * py + z * pz;
    }
    this._depth.fill(Number.NEGATIVE_INFINITY);
    this._faces.fill(0);
    for (let t = 0; t < triangles.length; t += 3) this._draw(t / 3, 3 * triangles[t], 3 * triangles[t + 1], 3 * triangles[t + 2]);
  }

  /** The covered pixels, as points in the mesh's frame. */
  cloud(): { points: Float32Array; faces: Uint32Array } {
    const covered = this._faces.reduce((sum, face) => sum + Number(face > 0), 0);
    const points = new Float32Array(3 * covered);
    const faces = new Uint32Array(covered);
    const [rx, ry, rz, ux, uy, uz, x, y, z] = this._frame;
    let at = 0;
    for (let pixel = 0; pixel < this._faces.length; pixel++) {
      if (this._faces[pixel] === 0) continue;
      const right = this._centre(pixel % this._size);
      const up = this._centre(Math.floor(pixel / this._size));
      const depth = this._depth[pixel];
      points[3 * at] = right * rx + up * ux + depth * x;
      points[3 * at + 1] = right * ry + up * uy + depth * y;
      points[3 * at + 2] = right * rz + up * uz + depth * z;
      faces[at++] = this._faces[pixel] - 1;
    }
    return { points, faces };
  }

  private _draw(triangle: number, a: number, b: number, c: number): void {
    const p = this._places;
    const [ax, ay, az] = [p[a], p[a + 1], p[a + 2]];
    const [ux, uy, uz] = [p[b] - ax, p[b + 1] - ay, p[b + 2] - az];
    const [vx, vy, vz] = [p[c] - ax, p[c + 1] - ay, p[c + 2] - az];
    const area = ux * vy - uy * vx;
    if (area === 0) return;
    const face = 2 * triangle + (area < 0 ? 1 : 0) + 1;
    const left = this._first(ax + Math.min(0, ux, vx));
    const right = this._last(ax + Math.max(0, ux, vx));
    const bottom = this._first(ay + Math.min(0, uy, vy));
    const top = this._last(ay + Math.max(0, uy, vy));
    // Edge-on, the plane's slope magnifies rounding: depths stay between those of the corners.
    const nearest = az + Math.max(0, uz, vz);
    const farthest = az + Math.min(0, uz, vz);
    for (let row = bottom; row <= top; row++) {
      const dy = this._centre(row) - ay;
      for (let column = left; column <= right; column++) {
        const dx = this._centre(column) - ax;
        const wb = (dx * vy - dy * vx) / area;
        const wc = (dy * ux - dx * uy) / area;
        if (wb < 0 || wc < 0 || wb + wc > 1) continue;
        const depth = Math.min(nearest, Math.max(farthest, az + wb * uz + wc * vz));
        const pixel = row * this._size + column;
        if (depth <= this._depth[pixel]) continue;
        this._depth[pixel] = depth;
        this._faces[pixel] = face;
      }
    }
  }

  private _centre(index: number): number {
    return (2 * index + 1) / this._size - 1;
  }

  /** First and last pixel whose centre lies at or beyond, or at or before, a place along an axis of the picture. */
  private _first(place: number): number {
    return Math.max(0, Math.ceil(((place + 1) * this._size - 1) / 2));
  }

  private _last(place: number): number {
    return Math.min(this._size - 1, Math.floor(((place + 1) * this._size - 1) / 2));
  }
}
