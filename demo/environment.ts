import { Constants } from '@babylonjs/core/Engines/constants.js';
import { HDRFiltering } from '@babylonjs/core/Materials/Textures/Filtering/hdrFiltering.js';
import { RawCubeTexture } from '@babylonjs/core/Materials/Textures/rawCubeTexture.js';
import { CubeMapToSphericalPolynomialTools } from '@babylonjs/core/Misc/HighDynamicRange/cubemapToSphericalPolynomial.js';
import { ToHalfFloat } from '@babylonjs/core/Misc/textureTools.js';
import type { Scene } from '@babylonjs/core/scene.js';

type Vector = readonly [number, number, number];

/** A rectangular lamp with a soft edge, seen as an angle around a direction. */
interface Softbox {
  readonly towards: Vector;
  /** Half angles, radians. */
  readonly width: number;
  readonly height: number;
  readonly radiance: Vector;
}

const SIZE = 64;

/** A photographer's room: warm floor, pale walls, a large box overhead, a key light left and a cool strip behind. */
const FLOOR: Vector = [0.3, 0.28, 0.26];
const WALL: Vector = [0.62, 0.6, 0.58];
const CEILING: Vector = [0.42, 0.43, 0.46];
const SOFTBOXES: readonly Softbox[] = [
  { towards: [0, 1, 0.15], width: 0.55, height: 0.4, radiance: [5.5, 5.3, 5] },
  { towards: [-0.8, 0.55, 0.5], width: 0.3, height: 0.42, radiance: [9, 8.2, 7] },
  { towards: [0.75, 0.35, -0.65], width: 0.12, height: 0.5, radiance: [3.2, 3.8, 4.6] },
];

/**
 * Image-based lighting without an image: the room is computed, its mirror-like to rough reflections are filtered by Babylon on the GPU,
 * its irradiance on the processor.
 */
export async function createEnvironment(scene: Scene): Promise<RawCubeTexture> {
  const faces = FACES.map((direction) => faceRadiance(direction));
  const halfFaces = faces.map((face) => Uint16Array.from(face, ToHalfFloat));
  const { TEXTUREFORMAT_RGBA, TEXTURETYPE_HALF_FLOAT, TEXTURETYPE_FLOAT, TEXTURE_TRILINEAR_SAMPLINGMODE } = Constants;
  const texture = new RawCubeTexture(
    scene,
    halfFaces,
    SIZE,
    TEXTUREFORMAT_RGBA,
    TEXTURETYPE_HALF_FLOAT,
    true,
    false,
    TEXTURE_TRILINEAR_SAMPLINGMODE,
  );
  texture.name = 'studio';
  texture.gammaSpace = false;
  const [right, left, up, down, front, back] = faces;
  texture.sphericalPolynomial = CubeMapToSphericalPolynomialTools.ConvertCubeMapToSphericalPolynomial({
    size: SIZE,
    right,
    left,
    up,
    down,
    front,
    back,
    format: TEXTUREFORMAT_RGBA,
    type: TEXTURETYPE_FLOAT,
    gammaSpace: false,
  });
  await new HDRFiltering(scene.getEngine(), { quality: 256 }).prefilter(texture);
  return texture;
}

/** Direction of the texel at (s, t), both -1 to 1, s to the right and t down, for +x, -x, +y, -y, +z, -z. */
const FACES: readonly ((s: number, t: number) => Vector)[] = [
  (s, t) => [1, -t, -s],
  (s, t) => [-1, -t, s],
  (s, t) => [s, 1, t],
  (s, t) => [s, -1, -t],
  (s, t) => [s, -t, 1],
  (s, t) => [-s, -t, -1],
];

/** @returns [SIZE, SIZE, 4] linear radiance */
function faceRadiance(direction: (s: number, t: number) => Vector): Float32Array {
  const face = new Float32Array(4 * SIZE * SIZE);
  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++) {
      const d = direction((2 * column + 1) / SIZE - 1, (2 * row + 1) / SIZE - 1);
      face.set([...radiance(normalize(d)), 1], 4 * (row * SIZE + column));
    }
  }
  return face;
}

function radiance(d: Vector): Vector {
  const wall = d[1] > 0 ? mix(WALL, CEILING, d[1] ** 0.7) : mix(WALL, FLOOR, smoothstep(0, 0.35, -d[1]));
  let color = wall;
  for (const { towards, width, height, radiance: light } of SOFTBOXES) {
    const axis = normalize(towards);
    const across = normalize(Math.abs(axis[1]) > 0.95 ? [1, 0, 0] : [axis[2], 0, -axis[0]]);
    const along = cross(axis, across);
    const facing = dot(d, axis);
    if (facing <= 0) continue;
    const u = Math.abs(Math.atan2(dot(d, across), facing)) - width;
    const v = Math.abs(Math.atan2(dot(d, along), facing)) - height;
    color = mix(color, light, smoothstep(0.06, -0.06, u) * smoothstep(0.06, -0.06, v));
  }
  return color;
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Vector, b: Vector): Vector => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const normalize = (a: Vector): Vector => {
  const length = Math.sqrt(dot(a, a));
  return [a[0] / length, a[1] / length, a[2] / length];
};
const mix = (a: Vector, b: Vector, t: number): Vector => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
const smoothstep = (from: number, to: number, x: number): number => {
  const t = Math.min(1, Math.max(0, (x - from) / (to - from)));
  return t * t * (3 - 2 * t);
};
