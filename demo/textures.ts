import { Constants } from '@babylonjs/core/Engines/constants.js';
import { RawTexture } from '@babylonjs/core/Materials/Textures/rawTexture.js';
import type { Scene } from '@babylonjs/core/scene.js';

/** Textures that are computed, so that the page fetches none. They repeat without a seam. */
export interface SurfaceTextures {
  /** Multiplies the paint. */
  readonly albedo: RawTexture;
  /** Tangent-space normals. */
  readonly normal: RawTexture;
}

const SIZE = 256;
const TURN = 2 * Math.PI;

/** A surface as a height over the unit square, about 0 to 1, and how strongly it shows as colour and as relief. */
interface Relief {
  height(u: number, v: number): number;
  /** Share by which the lowest places are darker than the highest. */
  readonly shade: number;
  /** Steepness of the normals. */
  readonly slope: number;
}

const RELIEFS: Readonly<Record<'wood' | 'weave', Relief>> = {
  // Rings along v, bent a little, with fine pores in them.
  wood: {
    height: (u, v) => {
      const bent = u + 0.03 * Math.sin(TURN * v) + 0.012 * Math.sin(TURN * (3 * v + 0.3));
      const ring = 0.5 + 0.5 * Math.sin(TURN * 5 * bent + 1.4 * Math.sin(TURN * 2 * bent));
      const pores = 0.5 + 0.5 * Math.sin(TURN * 40 * bent + 2 * Math.sin(TURN * 2 * v));
      return 0.7 * ring ** 0.6 + 0.3 * pores;
    },
    shade: 0.42,
    slope: 0.5,
  },
  // Threads over and under each other, four to a side.
  weave: {
    height: (u, v) => {
      const across = Math.abs(Math.sin(TURN * 2 * u)) ** 0.6;
      const along = Math.abs(Math.sin(TURN * 2 * v)) ** 0.6;
      const over = (Math.floor(4 * u) + Math.floor(4 * v)) % 2 === 0;
      return over ? across * (0.55 + 0.45 * along) : along * (0.55 + 0.45 * across);
    },
    shade: 0.5,
    slope: 5,
  },
};

const perScene = new WeakMap<Scene, Map<string, SurfaceTextures>>();

/** A scene's textures of a surface, made when they are first asked for. */
export function createTextures(scene: Scene, surface: keyof typeof RELIEFS): SurfaceTextures {
  const known = perScene.get(scene) ?? new Map<string, SurfaceTextures>();
  perScene.set(scene, known);
  let textures = known.get(surface);
  if (!textures) {
    textures = computeTextures(scene, RELIEFS[surface]);
    known.set(surface, textures);
  }
  return textures;
}

function computeTextures(scene: Scene, { height, shade, slope }: Relief): SurfaceTextures {
  const albedo = new Uint8Array(4 * SIZE * SIZE);
  const normal = new Uint8Array(4 * SIZE * SIZE);
  const at = (column: number, row: number) => height(((column + SIZE) % SIZE) / SIZE, ((row + SIZE) % SIZE) / SIZE);
  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++) {
      const texel = 4 * (row * SIZE + column);
      const value = 255 * (1 - shade + shade * at(column, row));
      albedo.set([value, value, value, 255], texel);
      const x = slope * (at(column - 1, row) - at(column + 1, row));
      const y = slope * (at(column, row - 1) - at(column, row + 1));
      const length = Math.hypot(x, y, 1);
      normal.set([127.5 * (x / length + 1), 127.5 * (y / length + 1), 127.5 * (1 / length + 1), 255], texel);
    }
  }
  const texture = (data: Uint8Array) => {
    const { TEXTUREFORMAT_RGBA, TEXTURE_TRILINEAR_SAMPLINGMODE } = Constants;
    const made = new RawTexture(data, SIZE, SIZE, TEXTUREFORMAT_RGBA, scene, true, false, TEXTURE_TRILINEAR_SAMPLINGMODE);
    made.anisotropicFilteringLevel = 8;
    return made;
  };
  return { albedo: texture(albedo), normal: texture(normal) };
}
