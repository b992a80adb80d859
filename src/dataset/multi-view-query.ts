import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';
import type { Random } from '../random.js';
import { NearestPoints } from './nearest-points.js';
import { renderViews, SIDE, type SurfaceViews, type ViewOptions } from './render-views.js';
import { type SurfaceSamples, sampleSurface } from './sample-surface.js';
import { TriangleTree } from './triangle-tree.js';

/** Settings of DeepSDF's multi-view preparation; the defaults are the paper's and its released code's. */
export interface MultiViewOptions extends ViewOptions {
  /** Nearest surface points whose normals must agree on a sample's sign. */
  readonly votes: number;
  /** A shape is rejected above this share of observations that show a triangle seen from both sides, 0 to 1. */
  readonly maxBadObservations: number;
  /** A shape is rejected above this share of triangles seen from both sides, 0 to 1. */
  readonly maxBadTriangles: number;
}

export const DEFAULT_MULTI_VIEW_OPTIONS: MultiViewOptions = {
  views: 100,
  viewSize: 400,
  votes: 11,
  maxBadObservations: 0.02,
  maxBadTriangles: 0.03,
};

/** How a shape looked to the cameras. */
export interface ViewReport {
  /** Surface points: one a covered pixel of each view. */
  readonly observations: number;
  readonly badObservations: number;
  readonly badTriangles: number;
  /** Triangles that no camera saw: the surface goes without them. */
  readonly hiddenTriangles: number;
}

/**
 * Signed distance to what can be seen of a mesh from outside (Park 2019, supplement B): what no camera sees is solid, so parts may run
 * into each other, be turned inside out, or hide an interior. The sign comes from the normals, turned to the camera, of the nearest
 * surface points. The distance is the exact one to the seen triangles, unless it ends on a part of one that is hidden inside: then it is
 * that to the nearest surface point. The authors always take that point's, and near the surface that to its tangent plane, which
 * beyond an edge is too short by up to a third, at a corner by more.
 */
export class MultiViewQuery {
  readonly report: ViewReport;
  /** The seen triangles, each turned to the side it was seen from. */
  readonly surface: TriangleMesh;
  private readonly _points: Float32Array;
  private readonly _faces: Uint32Array;
  /** [triangles, 3] unit length */
  private readonly _normals: Float32Array;
  private readonly _nearest: NearestPoints;
  private readonly _tree: TriangleTree;
  /** Side of a pixel, model units: where a camera looks straight at the surface, a surface point lies no farther away. */
  private readonly _pixel: number;

  /**
   * @param mesh within the unit sphere
   * @param onProgress called while the views are drawn with the share done
   * @throws NeuralSdfError SHAPE_REJECTED when too much of it is seen from both sides, or too little of it at all
   */
  constructor(mesh: TriangleMesh, options: MultiViewOptions, onProgress?: (done: number) => void) {
    const views = renderViews(mesh, options, onProgress);
    const { points, faces, sides, badObservations, badTriangles } = views;
    rejectUnlessGood(views, options);
    this._points = points;
    this._faces = faces;
    this._normals = faceNormals(mesh);
    this._nearest = new NearestPoints(points, options.votes);
    this._pixel = 2 / options.viewSize;
    this.surface = this._seenSurface(mesh, sides);
    this._tree = new TriangleTree(this.surface);
    const hiddenTriangles = (mesh.triangles.length - this.surface.triangles.length) / 3;
    this.report = { observations: faces.length, badObservations, badTriangles, hiddenTriangles };
  }

  /** Signed distance of one query point; NaN where the surface points next to it disagree on the side. */
  distance(x: number, y: number, z: number): number {
    const toPoint = Math.sqrt(this._nearest.search(x, y, z));
    const side = this._side(x, y, z);
    if (side === 0) return Number.NaN;
    const closest = this._tree.closest(x, y, z);
    const toTriangle = Math.sqrt(closest.squaredDistance);
    if (side > 0 || toPoint <= toTriangle + this._pixel) return side * toTriangle;
    // From inside, the closest triangle may be hidden there: then beyond it is inside as well.
    const step = toTriangle > 0 ? this._pixel / toTriangle : 0;
    const [dx, dy, dz] = [closest.x - x, closest.y - y, closest.z - z];
    return -(this._isInside(closest.x + step * dx, closest.y + step * dy, closest.z + step * dz) ? toPoint : toTriangle);
  }

  /** Points of the surface, spread in proportion to area, normals toward the cameras; less of them the more of its triangles is hidden. */
  sampleSurface(count: number, random: Random): SurfaceSamples {
    const { points, normals } = sampleSurface(this.surface, count, random);
    let kept = 0;
    for (let at = 0; at < points.length; at += 3) {
      const [x, y, z] = points.subarray(at, at + 3);
      const [nx, ny, nz] = normals.subarray(at, at + 3).map((value) => value * this._pixel);
      if (this._nearest.search(x, y, z) > this._pixel ** 2 && this._isInside(x + nx, y + ny, z + nz)) continue;
      points.copyWithin(kept, at, at + 3);
      normals.copyWithin(kept, at, at + 3);
      kept += 3;
    }
    return { points: points.slice(0, kept), normals: normals.slice(0, kept) };
  }

  private _isInside(x: number, y: number, z: number): boolean {
    this._nearest.search(x, y, z);
    return this._side(x, y, z) < 0;
  }

  /** 1 outside, -1 inside, 0 where the surface points found last disagree. */
  private _side(x: number, y: number, z: number): -1 | 0 | 1 {
    const { _points: points, _faces: faces, _normals: normals } = this;
    const { rows } = this._nearest;
    let outside = 0;
    for (let i = 0; i < rows.length; i++) {
      const at = 3 * rows[i];
      const face = faces[rows[i]];
      const normal = 3 * (face >> 1);
      const height =
        normals[normal] * (x - points[at]) + normals[normal + 1] * (y - points[at + 1]) + normals[normal + 2] * (z - points[at + 2]);
      outside += Number((face & 1 ? -height : height) > 0);
      if (outside > 0 && outside < i + 1) return 0;
    }
    return outside > 0 ? 1 : -1;
  }

  /**
   * A triangle smaller than a pixel may slip between the pixels of all views: it counts as seen where its surroundings are, and faces
   * as they do.
   */
  private _seenSurface({ positions, triangles }: TriangleMesh, sides: Uint8Array): TriangleMesh {
    const seen: number[] = [];
    for (let t = 0; t < sides.length; t++) {
      const [a, b, c] = triangles.subarray(3 * t, 3 * t + 3);
      const side = sides[t] === SIDE.unseen ? this._sideOfSmall(t, [a, b, c], positions) : sides[t];
      if (side === SIDE.back) seen.push(a, c, b);
      else if (side !== SIDE.unseen) seen.push(a, b, c);
    }
    return { positions, triangles: Uint32Array.from(seen) };
  }

  private _sideOfSmall(triangle: number, corners: readonly number[], positions: Float32Array): number {
    const extent = [0, 1, 2].map((axis) => corners.map((vertex) => positions[3 * vertex + axis]));
    if (extent.some((values) => Math.max(...values) - Math.min(...values) > this._pixel)) return SIDE.unseen;
    const [x, y, z] = extent.map((values) => (values[0] + values[1] + values[2]) / 3);
    if (this._nearest.search(x, y, z) > this._pixel ** 2) return SIDE.unseen;
    const face = this._faces[this._nearest.rows[0]];
    const normals = this._normals;
    const cosine = [0, 1, 2].reduce((sum, axis) => sum + normals[3 * triangle + axis] * normals[3 * (face >> 1) + axis], 0);
    return cosine < 0 === (face & 1) > 0 ? SIDE.front : SIDE.back;
  }
}

function rejectUnlessGood(
  { faces, sides, badObservations, badTriangles }: SurfaceViews,
  { votes, maxBadObservations, maxBadTriangles }: MultiViewOptions,
): void {
  if (faces.length < votes) {
    throw new NeuralSdfError('SHAPE_REJECTED', `the cameras see ${faces.length} points of it, ${votes} are needed`, {
      points: faces.length,
    });
  }
  const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`;
  const [observations, triangles] = [badObservations / faces.length, badTriangles / sides.length];
  const reasons: string[] = [];
  if (observations > maxBadObservations) {
    reasons.push(
      `${percent(observations)} of what the cameras see are triangles seen from both sides (limit ${percent(maxBadObservations)})`,
    );
  }
  if (triangles > maxBadTriangles) {
    reasons.push(`${percent(triangles)} of its triangles are seen from both sides (limit ${percent(maxBadTriangles)})`);
  }
  if (reasons.length > 0) {
    throw new NeuralSdfError('SHAPE_REJECTED', `not the skin of a solid: ${reasons.join(', ')}`, {
      badObservations: observations,
      badTriangles: triangles,
    });
  }
}

function faceNormals({ positions, triangles }: TriangleMesh): Float32Array {
  const normals = new Float32Array(triangles.length);
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [3 * triangles[t], 3 * triangles[t + 1], 3 * triangles[t + 2]];
    const u = [0, 1, 2].map((axis) => positions[b + axis] - positions[a + axis]);
    const v = [0, 1, 2].map((axis) => positions[c + axis] - positions[a + axis]);
    const normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    const length = Math.hypot(...normal) || 1;
    for (let axis = 0; axis < 3; axis++) normals[t + axis] = normal[axis] / length;
  }
  return normals;
}
