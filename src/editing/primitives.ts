import type { Kind } from './edit-plan.js';

/** Gradient x, y, z, then the signed distance. */
export type Sample = [number, number, number, number];

/** A direction of length 0 has none: straight up stands in, as in the shader. */
function along(x: number, y: number, z: number): [number, number, number, number] {
  const length = Math.hypot(x, y, z);
  return length > 0 ? [x / length, y / length, z / length, length] : [0, 1, 0, 0];
}

const sign = (value: number): number => (value < 0 ? -1 : 1);

/** The rectangle of half sides (a, b), seen from its first quadrant: gradient and distance. */
function rectangle(x: number, y: number): [number, number, number] {
  if (x > 0 && y > 0) {
    const length = Math.hypot(x, y);
    return [x / length, y / length, length];
  }
  return x > y ? [1, 0, x] : [0, 1, y];
}

/**
 * The exact signed distance of a primitive and its gradient, in its own space: twin of `sdfPrimitive` in shaders/editing.wgsl.
 * @param size as in CombineStep
 */
export function samplePrimitive(kind: Exclude<Kind, 'shape'>, x: number, y: number, z: number, size: readonly number[]): Sample {
  if (kind === 'plane') return [0, 1, 0, y];
  if (kind === 'capsule') {
    const [gx, gy, gz, length] = along(x, y - Math.min(size[0], Math.max(-size[0], y)), z);
    return [gx, gy, gz, length - size[1]];
  }
  if (kind === 'box') {
    const q = [Math.abs(x) - size[0], Math.abs(y) - size[1], Math.abs(z) - size[2]];
    const most = Math.max(...q);
    if (most > 0) {
      const [gx, gy, gz, length] = along(Math.max(q[0], 0), Math.max(q[1], 0), Math.max(q[2], 0));
      return [gx * sign(x), gy * sign(y), gz * sign(z), length - size[3]];
    }
    const axis = q.indexOf(most);
    const gradient = [x, y, z].map((value, i) => (i === axis ? sign(value) : 0));
    return [gradient[0], gradient[1], gradient[2], most - size[3]];
  }
  const radial = Math.hypot(x, z);
  const [ex, ez] = radial > 0 ? [x / radial, z / radial] : [1, 0];
  if (kind === 'torus') {
    const [gr, gy, , length] = along(radial - size[0], y, 0);
    return [ex * gr, gy, ez * gr, length - size[1]];
  }
  const [gr, gy, distance] = rectangle(radial - size[0], Math.abs(y) - size[1]);
  return [ex * gr, gy * sign(y), ez * gr, distance];
}
