import { BufferAttribute, BufferGeometry } from 'three';
import { MeshBVH, SAH } from 'three-mesh-bvh';
import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';

/** Which part of a triangle a closest point lies on; corner i is followed by edge i, from corner i to the next. */
export const FEATURE = { corner: 0, edge: 3, face: 6 } as const;

/** Answer of `TriangleTree.closest`; one object a tree, overwritten by each query. */
export interface ClosestPoint {
  squaredDistance: number;
  x: number;
  y: number;
  z: number;
  /** Place of the triangle in the tree's order. */
  slot: number;
  /** FEATURE.corner + i, FEATURE.edge + i, or FEATURE.face */
  feature: number;
}

const LEAF_TRIANGLES = 4;
const MAX_DEPTH = 128;

/**
 * Bounding volume hierarchy over a mesh. three-mesh-bvh builds it (surface area heuristic); it is then flattened in
 * depth-first order and traversed here, because the library's own closest-point query, which calls back per box and triangle
 * through objects, ran at 106,000 queries/s where `SignedDistanceQuery`, sign included, runs at 509,000 (17 k triangles, DeepSDF's
 * mix of query points). Positions are float32, all arithmetic is float64.
 */
export class TriangleTree {
  /** [slots, 9] corners a, b, c in the tree's order: a node's triangles lie together. */
  readonly corners: Float32Array;
  /** [slots] triangle of the mesh. */
  readonly triangleOfSlot: Uint32Array;
  readonly nodeCount: number;
  /** [nodes] first slot below the node. */
  readonly first: Uint32Array;
  /** [nodes] slots below the node. */
  readonly count: Uint32Array;
  /** [nodes] the second child; 0 for a leaf. The first child is the next node. */
  readonly second: Uint32Array;
  private readonly _bounds: Float32Array;
  private readonly _stack = new Uint32Array(MAX_DEPTH);
  private readonly _stackDistance = new Float64Array(MAX_DEPTH);
  private readonly _answer: ClosestPoint = { squaredDistance: 0, x: 0, y: 0, z: 0, slot: 0, feature: 0 };

  /**
   * @param mesh at least one triangle, all finite, indices in range
   * @throws NeuralSdfError MESH_INVALID when more than 65,535 triangles lie in one place
   */
  constructor(mesh: TriangleMesh) {
    const geometry = new BufferGeometry();
    geometry.setAttribute('position', new BufferAttribute(mesh.positions, 3));
    geometry.setIndex(new BufferAttribute(mesh.triangles.slice(), 1));
    // Indirect: leaves then name triangles of the mesh instead of reordering its index.
    const library = new MeshBVH(geometry, { strategy: SAH, targetLeafSize: LEAF_TRIANGLES, maxDepth: MAX_DEPTH - 2, indirect: true });
    const bounds: number[] = [];
    const first: number[] = [];
    const count: number[] = [];
    const second: number[] = [];
    const slots: number[] = [];
    const parents: number[] = [];
    library.traverse((depth, isLeaf, box, offset, leafCount) => {
      const node = first.length;
      if (depth > 0 && parents[depth - 1] !== node - 1) second[parents[depth - 1]] = node;
      parents[depth] = node;
      bounds.push(...(box as unknown as Float32Array).subarray(0, 6));
      first.push(slots.length);
      count.push(0);
      second.push(0);
      if (!isLeaf) return;
      for (let i = 0; i < leafCount; i++) slots.push(library.resolveTriangleIndex((offset as number) + i));
      for (let above = 0; above <= depth; above++) count[parents[above]] += leafCount;
    });
    if (slots.length !== mesh.triangles.length / 3) {
      // The library counts a leaf's triangles in 16 bits, and cannot split those whose centres coincide.
      throw new NeuralSdfError('MESH_INVALID', 'more than 65,535 triangles or points lie in one place', { kept: slots.length });
    }
    this.nodeCount = first.length;
    this._bounds = Float32Array.from(bounds);
    this.first = Uint32Array.from(first);
    this.count = Uint32Array.from(count);
    this.second = Uint32Array.from(second);
    this.triangleOfSlot = Uint32Array.from(slots);
    this.corners = new Float32Array(slots.length * 9);
    for (let i = 0; i < this.corners.length; i++) {
      const vertex = mesh.triangles[3 * slots[Math.floor(i / 9)] + (Math.floor(i / 3) % 3)];
      this.corners[i] = mesh.positions[3 * vertex + (i % 3)];
    }
  }

  /** The closest point of the mesh. Valid until the next call. */
  closest(x: number, y: number, z: number): ClosestPoint {
    const { first, count, second, _stack: stack, _stackDistance: stackDistance, _answer: answer } = this;
    answer.squaredDistance = Number.POSITIVE_INFINITY;
    let depth = 1;
    stack[0] = 0;
    stackDistance[0] = 0;
    while (depth > 0) {
      depth--;
      if (stackDistance[depth] >= answer.squaredDistance) continue;
      let node = stack[depth];
      // Down to a leaf along the nearer child; the farther one waits on the stack.
      while (second[node] > 0) {
        let near = node + 1;
        let far = second[node];
        let nearDistance = this._boxDistance(near, x, y, z);
        let farDistance = this._boxDistance(far, x, y, z);
        if (farDistance < nearDistance) {
          [near, far] = [far, near];
          [nearDistance, farDistance] = [farDistance, nearDistance];
        }
        if (nearDistance >= answer.squaredDistance) break;
        stack[depth] = far;
        stackDistance[depth++] = farDistance;
        node = near;
      }
      if (second[node] > 0) continue;
      for (let slot = first[node], end = slot + count[node]; slot < end; slot++) closestOnTriangle(this.corners, slot, x, y, z, answer);
    }
    return answer;
  }

  private _boxDistance(node: number, x: number, y: number, z: number): number {
    const b = this._bounds;
    const at = 6 * node;
    const dx = Math.max(b[at] - x, 0, x - b[at + 3]);
    const dy = Math.max(b[at + 1] - y, 0, y - b[at + 4]);
    const dz = Math.max(b[at + 2] - z, 0, z - b[at + 5]);
    return dx * dx + dy * dy + dz * dz;
  }
}

/** Ericson 2005, Real-Time Collision Detection, 5.1.5; overwrites `answer` if the point found is closer. */
function closestOnTriangle(corners: Float32Array, slot: number, x: number, y: number, z: number, answer: ClosestPoint): void {
  const at = 9 * slot;
  const ax = corners[at];
  const ay = corners[at + 1];
  const az = corners[at + 2];
  const abx = corners[at + 3] - ax;
  const aby = corners[at + 4] - ay;
  const abz = corners[at + 5] - az;
  const acx = corners[at + 6] - ax;
  const acy = corners[at + 7] - ay;
  const acz = corners[at + 8] - az;
  const apx = x - ax;
  const apy = y - ay;
  const apz = z - az;
  const d1 = abx * apx + aby * apy + abz * apz;
  const d2 = acx * apx + acy * apy + acz * apz;
  const abab = abx * abx + aby * aby + abz * abz;
  const abac = abx * acx + aby * acy + abz * acz;
  const acac = acx * acx + acy * acy + acz * acz;
  const d3 = d1 - abab;
  const d4 = d2 - abac;
  const d5 = d1 - abac;
  const d6 = d2 - acac;
  const vc = d1 * d4 - d3 * d2;
  const vb = d5 * d2 - d1 * d6;
  const va = d3 * d6 - d5 * d4;
  let v = 0;
  let w = 0;
  let feature: number = FEATURE.corner;
  if (d1 > 0 || d2 > 0) {
    if (d3 >= 0 && d4 <= d3) {
      v = 1;
      feature = FEATURE.corner + 1;
    } else if (d6 >= 0 && d5 <= d6) {
      w = 1;
      feature = FEATURE.corner + 2;
    } else if (vc <= 0 && d1 >= 0 && d3 <= 0 && abab > 0) {
      v = d1 / (d1 - d3);
      feature = FEATURE.edge;
    } else if (vb <= 0 && d2 >= 0 && d6 <= 0) {
      w = d2 / (d2 - d6);
      feature = FEATURE.edge + 2;
    } else if (va <= 0 && d4 - d3 >= 0 && d5 - d6 >= 0) {
      w = (d4 - d3) / (d4 - d3 + (d5 - d6));
      v = 1 - w;
      feature = FEATURE.edge + 1;
    } else {
      const sum = va + vb + vc;
      v = vb / sum;
      w = vc / sum;
      feature = FEATURE.face;
    }
  }
  const px = v * abx + w * acx;
  const py = v * aby + w * acy;
  const pz = v * abz + w * acz;
  const dx = apx - px;
  const dy = apy - py;
  const dz = apz - pz;
  const squared = dx * dx + dy * dy + dz * dz;
  // Written so that a NaN does not pass either.
  if (!(squared < answer.squaredDistance)) return;
  answer.squaredDistance = squared;
  answer.x = ax + px;
  answer.y = ay + py;
  answer.z = az + pz;
  answer.slot = slot;
  answer.feature = feature;
}
