import type { TriangleMesh } from '../../src/mesh.js';

/** What brute force in float64 says of query points, by other roads than `src` takes. */
export interface Verdict {
  /** [n] generalised winding number: the sum of all solid angles over 4 pi */
  readonly windings: Float64Array;
  /** [n] distance to the closest of all triangles */
  readonly distances: Float64Array;
}

/**
 * Every triangle for every point: O(n triangles), about 50 ns a pair.
 * Solid angles by van Oosterom and Strackee 1983: the tangent of half of one is the triple product over a sum of scalar products.
 * @param points [n, stride], of which the first three columns are read
 */
export function judgePoints({ positions, triangles }: TriangleMesh, points: Float32Array, stride = 3): Verdict {
  const c = Float64Array.from({ length: 3 * triangles.length }, (_, i) => positions[3 * triangles[Math.floor(i / 3)] + (i % 3)]);
  // No point of a triangle lies farther from its first corner.
  const reaches = Float64Array.from({ length: triangles.length / 3 }, (_, t) =>
    Math.max(...[3, 6].map((corner) => Math.hypot(...[0, 1, 2].map((axis) => c[9 * t + corner + axis] - c[9 * t + axis])))),
  );
  const count = points.length / stride;
  const windings = new Float64Array(count);
  const distances = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const x = points[stride * i];
    const y = points[stride * i + 1];
    const z = points[stride * i + 2];
    let angle = 0;
    let distance = Number.POSITIVE_INFINITY;
    for (let t = 0; t < reaches.length; t++) {
      const at = 9 * t;
      const ax = c[at] - x;
      const ay = c[at + 1] - y;
      const az = c[at + 2] - z;
      const bx = c[at + 3] - x;
      const by = c[at + 4] - y;
      const bz = c[at + 5] - z;
      const dx = c[at + 6] - x;
      const dy = c[at + 7] - y;
      const dz = c[at + 8] - z;
      const a = Math.sqrt(ax * ax + ay * ay + az * az);
      const b = Math.sqrt(bx * bx + by * by + bz * bz);
      const d = Math.sqrt(dx * dx + dy * dy + dz * dz);
      const triple = ax * (by * dz - bz * dy) + ay * (bz * dx - bx * dz) + az * (bx * dy - by * dx);
      const scalar = a * b * d + (ax * bx + ay * by + az * bz) * d + (bx * dx + by * dy + bz * dz) * a + (dx * ax + dy * ay + dz * az) * b;
      angle += 2 * Math.atan2(triple, scalar);
      if (a - reaches[t] < distance) distance = Math.min(distance, Math.sqrt(squaredDistance(c, at, x, y, z)));
    }
    windings[i] = angle / (4 * Math.PI);
    distances[i] = distance;
  }
  return { windings, distances };
}

/** The plane's foot where it lies on the triangle (no side has it on its outer hand), the closest side otherwise. */
function squaredDistance(c: Float64Array, at: number, x: number, y: number, z: number): number {
  const [ux, uy, uz] = [c[at + 3] - c[at], c[at + 4] - c[at + 1], c[at + 5] - c[at + 2]];
  const [vx, vy, vz] = [c[at + 6] - c[at], c[at + 7] - c[at + 1], c[at + 8] - c[at + 2]];
  const [nx, ny, nz] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
  const normal = nx * nx + ny * ny + nz * nz;
  let onTriangle = normal > 0;
  let squared = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) {
    const from = at + 3 * i;
    const to = at + 3 * ((i + 1) % 3);
    const [sx, sy, sz] = [c[to] - c[from], c[to + 1] - c[from + 1], c[to + 2] - c[from + 2]];
    const [px, py, pz] = [x - c[from], y - c[from + 1], z - c[from + 2]];
    const side = nx * (sy * pz - sz * py) + ny * (sz * px - sx * pz) + nz * (sx * py - sy * px);
    if (side >= 0) continue;
    onTriangle = false;
    squared = Math.min(squared, squaredToSegment(px, py, pz, sx, sy, sz));
  }
  if (onTriangle) return ((x - c[at]) * nx + (y - c[at + 1]) * ny + (z - c[at + 2]) * nz) ** 2 / normal;
  // Without an area there are no hands: every side is asked.
  if (normal === 0) {
    for (let i = 0; i < 3; i++) {
      const from = at + 3 * i;
      const to = at + 3 * ((i + 1) % 3);
      const [sx, sy, sz] = [c[to] - c[from], c[to + 1] - c[from + 1], c[to + 2] - c[from + 2]];
      squared = Math.min(squared, squaredToSegment(x - c[from], y - c[from + 1], z - c[from + 2], sx, sy, sz));
    }
  }
  return squared;
}

function squaredToSegment(px: number, py: number, pz: number, sx: number, sy: number, sz: number): number {
  const share = Math.max(0, Math.min(1, (px * sx + py * sy + pz * sz) / (sx * sx + sy * sy + sz * sz || 1)));
  return (px - share * sx) ** 2 + (py - share * sy) ** 2 + (pz - share * sz) ** 2;
}
