import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';
import { meshVolume } from '../mesh-volume.js';
import { inspectMesh } from './inspect-mesh.js';
import { computePseudonormals, type Pseudonormals } from './pseudonormals.js';
import { type ClosestPoint, FEATURE, TriangleTree } from './triangle-tree.js';
import { FastWindingNumber } from './winding-number.js';

/** How inside is told from outside. */
export type SignMethod = 'pseudonormal' | 'winding-number';

/** Below this cosine between pseudonormal and offset the sign is at the mercy of rounding (slivers): the winding number decides. */
const UNSURE_COSINE = 0.02;

/**
 * Signed distance to a mesh: negative inside, positive outside, in the mesh's units. Closest points are exact (float64 on the
 * float32 vertices). Signs come from pseudonormals where the mesh is one closed, consistently oriented surface, and from the
 * generalised winding number otherwise: with holes, turned triangles, or several parts, which may run into each other.
 */
export class SignedDistanceQuery {
  readonly signMethod: SignMethod;
  private readonly _tree: TriangleTree;
  /** Made when first asked: a closed mesh hardly ever asks. */
  private _winding: FastWindingNumber | undefined;
  private readonly _normals: Pseudonormals | undefined;
  /** -1 for a mesh that is inside out as a whole. */
  private readonly _orientation: 1 | -1;

  /**
   * @param mesh finite, indices in range; degenerate triangles do no harm
   * @param signMethod chosen by the mesh where it is not given
   * @throws NeuralSdfError MESH_EMPTY
   */
  constructor(
    readonly mesh: TriangleMesh,
    signMethod?: SignMethod,
  ) {
    if (mesh.triangles.length === 0) throw new NeuralSdfError('MESH_EMPTY', 'signed distance needs a mesh with triangles');
    this.signMethod = signMethod ?? chooseSignMethod(mesh);
    this._tree = new TriangleTree(mesh);
    this._normals = this.signMethod === 'pseudonormal' ? computePseudonormals(mesh) : undefined;
    this._orientation = meshVolume(mesh) < 0 ? -1 : 1;
  }

  /** Signed distance of one query point. */
  distance(x: number, y: number, z: number): number {
    const closest = this._tree.closest(x, y, z);
    const distance = Math.sqrt(closest.squaredDistance);
    return distance > 0 && this._isInside(x, y, z, closest) ? -distance : distance;
  }

  /**
   * @param points [n, 3]
   * @param out [n] signed distances
   * @returns out
   */
  distances(points: Float32Array, out: Float32Array = new Float32Array(points.length / 3)): Float32Array {
    for (let i = 0; i < out.length; i++) out[i] = this.distance(points[3 * i], points[3 * i + 1], points[3 * i + 2]);
    return out;
  }

  /** Distance without a sign, at half the cost or less. */
  unsignedDistance(x: number, y: number, z: number): number {
    return Math.sqrt(this._tree.closest(x, y, z).squaredDistance);
  }

  /** Closest point of the surface, and the triangle of the mesh that it lies on. */
  closestPoint(x: number, y: number, z: number): { point: [number, number, number]; triangle: number } {
    const closest = this._tree.closest(x, y, z);
    return { point: [closest.x, closest.y, closest.z], triangle: this._tree.triangleOfSlot[closest.slot] };
  }

  private _isInside(x: number, y: number, z: number, closest: ClosestPoint): boolean {
    if (this._normals) {
      const cosine = this._cosineToNormal(x - closest.x, y - closest.y, z - closest.z, closest);
      if (Math.abs(cosine) > UNSURE_COSINE) return cosine * this._orientation < 0;
    }
    this._winding ??= new FastWindingNumber(this._tree);
    return this._winding.at(x, y, z) * this._orientation > 0.5;
  }

  private _cosineToNormal(dx: number, dy: number, dz: number, { slot, feature }: ClosestPoint): number {
    const { faces, edges, vertices } = this._normals!;
    const triangle = this._tree.triangleOfSlot[slot];
    let from = faces;
    let at = 3 * triangle;
    if (feature < FEATURE.edge) {
      from = vertices;
      at = 3 * this.mesh.triangles[3 * triangle + feature - FEATURE.corner];
    } else if (feature < FEATURE.face) {
      from = edges;
      at = 3 * (3 * triangle + feature - FEATURE.edge);
    }
    const nx = from[at];
    const ny = from[at + 1];
    const nz = from[at + 2];
    const lengths = Math.sqrt((nx * nx + ny * ny + nz * nz) * (dx * dx + dy * dy + dz * dz));
    return lengths > 0 ? (nx * dx + ny * dy + nz * dz) / lengths : 0;
  }
}

function chooseSignMethod(mesh: TriangleMesh): SignMethod {
  const { watertight, components, degenerateTriangles } = inspectMesh(mesh);
  return watertight && components === 1 && degenerateTriangles === 0 ? 'pseudonormal' : 'winding-number';
}
