import type { View } from '../../src/gpu/pack-view.js';
import { RAY_FLOATS } from '../../src/gpu/ray-tracer.js';

/** Vertical field of view, radians: Babylon's default. */
export const FIELD_OF_VIEW = 0.8;

/** Eyes of a fixed orbit around the origin, which all of them look at: high and low in turn, so that every side is seen. */
export function orbitEyes(count: number, radius: number): readonly (readonly [number, number, number])[] {
  return Array.from({ length: count }, (_, i) => {
    const turn = (2 * Math.PI * i) / count + 0.3;
    const height = [0.35, 0.9, 0.1, 0.6][i % 4];
    return [radius * Math.cos(height) * Math.sin(turn), radius * Math.sin(height), radius * Math.cos(height) * Math.cos(turn)];
  });
}

/**
 * A ray through each pixel's centre of a pinhole camera that looks at the origin, y up.
 * @param width a multiple of 4 @param height a multiple of 2
 * @returns [width * height, RAY_FLOATS], in blocks of 4 x 2 pixels, row by row of blocks: as a GPU's lanes share them out
 */
export function cameraRays(eye: readonly [number, number, number], width: number, height: number): Float32Array {
  const { right, up, back } = axesAt(eye);
  const scale = (2 * Math.tan(FIELD_OF_VIEW / 2)) / height;
  const rays = new Float32Array(width * height * RAY_FLOATS);
  for (let i = 0; i < width * height; i++) {
    const { x, y } = pixelOfRay(i, width);
    const [u, v] = [(x + 0.5 - width / 2) * scale, (height / 2 - y - 0.5) * scale];
    const direction = normalize([0, 1, 2].map((axis) => u * right[axis] + v * up[axis] - back[axis]));
    rays.set([...eye, 1e3, ...direction, scale], i * RAY_FLOATS);
  }
  return rays;
}

/** Which pixel the i-th of these rays goes through, from the top left. */
export function pixelOfRay(i: number, width: number): { readonly x: number; readonly y: number } {
  const [block, within] = [i >> 3, i & 7];
  return { x: 4 * (block % (width / 4)) + (within & 3), y: 2 * Math.floor(block / (width / 4)) + (within >> 2) };
}

/** The view of the same camera. */
export function cameraView(eye: readonly [number, number, number], width: number, height: number): View {
  const { right, up, back } = axesAt(eye);
  const axes = [right, up, back.map((value) => -value)];
  const [near, far] = [0.1, 50];
  const scale = 1 / Math.tan(FIELD_OF_VIEW / 2);
  const view = [0, 1, 2, 3].flatMap((row) => [
    ...axes.map((axis) => (row < 3 ? axis[row] : -eye.reduce((sum, value, i) => sum + value * axis[i], 0))),
    row < 3 ? 0 : 1,
  ]);
  const depth = far / (far - near);
  const viewProjection = [0, 1, 2, 3].flatMap((row) => {
    const [x, y, z, w] = view.slice(4 * row, 4 * row + 4);
    return [(x * scale * height) / width, y * scale, z * depth - w * near * depth, z];
  });
  return { view, viewProjection, reverseDepth: false, clipPlanes: [] };
}

function axesAt(eye: readonly number[]): { right: number[]; up: number[]; back: number[] } {
  const back = normalize(eye);
  const right = normalize([back[2], 0, -back[0]]);
  const up = [back[1] * right[2] - back[2] * right[1], back[2] * right[0] - back[0] * right[2], back[0] * right[1] - back[1] * right[0]];
  return { right, up, back };
}

function normalize(v: readonly number[]): number[] {
  const length = Math.hypot(...v);
  return v.map((value) => value / length);
}
