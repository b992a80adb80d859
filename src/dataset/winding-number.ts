import type { TriangleTree } from './triangle-tree.js';

/** A cluster is taken as one dipole beyond this many of its radii; Barill 2018 advises 2. */
const ACCURACY = 2;
/** Numbers a node: centre, radius, dipole moment, first-order moments (3 x 3). */
const STRIDE = 16;

/**
 * Generalised winding number (Jacobson 2013): 1 inside, 0 outside a closed surface, in between near the holes of an open one.
 * Exact: the sum of the triangles' solid angles (van Oosterom and Strackee 1983) over 4 pi. O(triangles); the reference.
 * @param corners [triangles, 9]
 */
export function windingNumber(corners: Float32Array, x: number, y: number, z: number): number {
  return solidAngles(corners, 0, corners.length / 9, x, y, z) / (4 * Math.PI);
}

/**
 * The same in about O(log triangles): clusters of far triangles act as dipoles with a first-order correction.
 * Barill, Dickson, Schmidt, Levin, Jacobson 2018, "Fast winding numbers for soups and clouds", eq. 17 to 20.
 */
export class FastWindingNumber {
  private readonly _nodes: Float64Array;
  private readonly _stack = new Uint32Array(128);

  constructor(private readonly _tree: TriangleTree) {
    this._nodes = new Float64Array(_tree.nodeCount * STRIDE);
    for (let node = 0; node < _tree.nodeCount; node++) this._summarize(node);
  }

  at(x: number, y: number, z: number): number {
    const { first, count, second, corners } = this._tree;
    const nodes = this._nodes;
    const stack = this._stack;
    let depth = 1;
    stack[0] = 0;
    let angle = 0;
    while (depth > 0) {
      const node = stack[--depth];
      const at = STRIDE * node;
      const rx = nodes[at] - x;
      const ry = nodes[at + 1] - y;
      const rz = nodes[at + 2] - z;
      const squared = rx * rx + ry * ry + rz * rz;
      const far = ACCURACY * nodes[at + 3];
      if (squared > far * far) {
        const inverse3 = 1 / (squared * Math.sqrt(squared));
        const trace = nodes[at + 7] + nodes[at + 11] + nodes[at + 15];
        const bx = nodes[at + 7] * rx + nodes[at + 8] * ry + nodes[at + 9] * rz;
        const by = nodes[at + 10] * rx + nodes[at + 11] * ry + nodes[at + 12] * rz;
        const bz = nodes[at + 13] * rx + nodes[at + 14] * ry + nodes[at + 15] * rz;
        const dipole = rx * nodes[at + 4] + ry * nodes[at + 5] + rz * nodes[at + 6];
        angle += inverse3 * (dipole + trace - (3 * (rx * bx + ry * by + rz * bz)) / squared);
      } else if (second[node] > 0) {
        stack[depth++] = node + 1;
        stack[depth++] = second[node];
      } else {
        angle += solidAngles(corners, first[node], first[node] + count[node], x, y, z);
      }
    }
    return angle / (4 * Math.PI);
  }

  /** Area-weighted centre p, radius about p, sum of a n, and sum of (c - p) a n^T over the triangles (area a, normal n, centroid c). */
  private _summarize(node: number): void {
    const { first, count, corners } = this._tree;
    const begin = 9 * first[node];
    const end = begin + 9 * count[node];
    const areaVector = [0, 0, 0];
    const centre = [0, 0, 0];
    const moment = [0, 0, 0];
    let totalArea = 0;
    for (let t = begin; t < end; t += 9) {
      const area = triangleArea(corners, t, areaVector);
      totalArea += area;
      for (let axis = 0; axis < 3; axis++) {
        centre[axis] += (area * (corners[t + axis] + corners[t + 3 + axis] + corners[t + 6 + axis])) / 3;
        moment[axis] += areaVector[axis];
      }
    }
    const nodes = this._nodes;
    const at = STRIDE * node;
    for (let axis = 0; axis < 3; axis++) {
      nodes[at + axis] = totalArea > 0 ? centre[axis] / totalArea : corners[begin + axis];
      nodes[at + 4 + axis] = moment[axis];
    }
    let squaredRadius = 0;
    for (let t = begin; t < end; t += 9) {
      triangleArea(corners, t, areaVector);
      for (let axis = 0; axis < 3; axis++) {
        const offset = (corners[t + axis] + corners[t + 3 + axis] + corners[t + 6 + axis]) / 3 - nodes[at + axis];
        for (let other = 0; other < 3; other++) nodes[at + 7 + 3 * axis + other] += offset * areaVector[other];
      }
      for (let corner = t; corner < t + 9; corner += 3) {
        const dx = corners[corner] - nodes[at];
        const dy = corners[corner + 1] - nodes[at + 1];
        const dz = corners[corner + 2] - nodes[at + 2];
        squaredRadius = Math.max(squaredRadius, dx * dx + dy * dy + dz * dz);
      }
    }
    nodes[at + 3] = Math.sqrt(squaredRadius);
  }
}

/** @returns area; `areaVector` becomes area times unit normal */
function triangleArea(corners: Float32Array, at: number, areaVector: number[]): number {
  const ux = corners[at + 3] - corners[at];
  const uy = corners[at + 4] - corners[at + 1];
  const uz = corners[at + 5] - corners[at + 2];
  const vx = corners[at + 6] - corners[at];
  const vy = corners[at + 7] - corners[at + 1];
  const vz = corners[at + 8] - corners[at + 2];
  areaVector[0] = (uy * vz - uz * vy) / 2;
  areaVector[1] = (uz * vx - ux * vz) / 2;
  areaVector[2] = (ux * vy - uy * vx) / 2;
  return Math.sqrt(areaVector[0] ** 2 + areaVector[1] ** 2 + areaVector[2] ** 2);
}

function solidAngles(corners: Float32Array, first: number, end: number, x: number, y: number, z: number): number {
  let sum = 0;
  for (let at = 9 * first; at < 9 * end; at += 9) {
    const ax = corners[at] - x;
    const ay = corners[at + 1] - y;
    const az = corners[at + 2] - z;
    const bx = corners[at + 3] - x;
    const by = corners[at + 4] - y;
    const bz = corners[at + 5] - z;
    const cx = corners[at + 6] - x;
    const cy = corners[at + 7] - y;
    const cz = corners[at + 8] - z;
    const a = Math.sqrt(ax * ax + ay * ay + az * az);
    const b = Math.sqrt(bx * bx + by * by + bz * bz);
    const c = Math.sqrt(cx * cx + cy * cy + cz * cz);
    const determinant = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
    const ab = ax * bx + ay * by + az * bz;
    const bc = bx * cx + by * cy + bz * cz;
    const ca = cx * ax + cy * ay + cz * az;
    sum += 2 * Math.atan2(determinant, a * b * c + ab * c + bc * a + ca * b);
  }
  return sum;
}
