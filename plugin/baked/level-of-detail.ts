import type { Camera } from '@babylonjs/core/Cameras/camera.js';
import type { Matrix } from '@babylonjs/core/Maths/math.vector.js';
import type { Scene } from '@babylonjs/core/scene.js';

/** Height on the screen at which the cross-fade begins, in units of the height at which it ends. */
const FADE = 1.5;
/** Bands of heights, shares of the screen's, that no shape falls into: all of it traced, all of it baked. */
const TRACED = [-2, -1] as const;
const BAKED = [1e8, 2e8] as const;

/**
 * How small a shape must be on the screen to be drawn as its baked mesh. Between two heights both are drawn, each on the pixels of a
 * dither that the other leaves out. The shaders decide, by each instance's own height in each camera; passes into textures (shadow
 * maps, mirrors, pickers) do not take part, and trace.
 */
export class LevelOfDetail {
  /** Whether the baked mesh may be shown for the traced shape: it shows the same. */
  isActive = false;

  constructor(
    /** Half the side of the box, model units. */
    readonly halfExtent: number,
    /** Height in pixels, of a box upright before the camera, below which only the baked mesh is drawn; 0 for never. */
    public pixels: number,
  ) {}

  /** Heights, shares of the viewport's, below which only the baked mesh is drawn, and above which only the traced shape. */
  bandOf(scene: Scene, isBaked: boolean): readonly [number, number] {
    if (!this.isActive || scene._isInIntermediateRendering()) return isBaked ? BAKED : TRACED;
    const share = this.pixels / viewportHeight(scene.activeCamera);
    return [share, FADE * share];
  }

  /** Whether nothing of the baked mesh is to be drawn in a camera's picture. */
  hidesBaked(world: Matrix, camera: Camera): boolean {
    if (!this.isActive) return false;
    return projectedHeight(world, this.halfExtent, camera) * viewportHeight(camera) >= FADE * this.pixels;
  }
}

function viewportHeight(camera: Camera | null): number {
  return camera ? camera.getEngine().getRenderHeight(true) * camera.viewport.height : 1;
}

/**
 * Height on the screen of a cube around a transform's origin, of its longest axis' scale: the same formula as in level-of-detail.wgsl.
 * @returns a share of the viewport's height; infinite where the camera is in front of the origin
 */
export function projectedHeight(world: Matrix, halfExtent: number, camera: Camera): number {
  const w = world.m;
  const p = camera.getTransformationMatrix().m;
  const depth = w[12] * p[3] + w[13] * p[7] + w[14] * p[11] + p[15];
  const scale = Math.max(Math.hypot(w[0], w[1], w[2]), Math.hypot(w[4], w[5], w[6]), Math.hypot(w[8], w[9], w[10]));
  return depth <= 0 ? Number.POSITIVE_INFINITY : (halfExtent * scale * Math.hypot(p[1], p[5], p[9])) / depth;
}
