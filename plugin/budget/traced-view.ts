import type { Camera } from '@babylonjs/core/Cameras/camera.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { clipPlanesOf, rowsOf, type TargetSize, viewOf } from './main-view.js';
import { RestRefinement } from './rest-refinement.js';
import { type SeenShape, VisibilityTarget } from './visibility-target.js';

/** Frames without movement before the picture is sharpened. */
const CALM_FRAMES = 3;

/** What is done once nothing moves. */
export interface AtRest {
  readonly sharpens: boolean;
  readonly refines: boolean;
}

/**
 * What the main camera sees of the traced shapes, in a texture: coarse while anything moves; at rest traced in full, in strips, then refined
 * where shapes are in bricks; and kept.
 */
export class TracedView {
  private readonly _engine: WebGPUEngine;
  private readonly _coarse: VisibilityTarget;
  private readonly _sharp: VisibilityTarget;
  private readonly _refinement = new RestRefinement();
  private _shown: VisibilityTarget;
  private _signature: readonly number[] = [];
  private _calmFrames = 0;
  private _stripsDone = 0;

  constructor(private readonly _scene: Scene) {
    this._engine = _scene.getEngine() as WebGPUEngine;
    this._coarse = new VisibilityTarget('neural-sdf coarse visibility', _scene);
    this._sharp = new VisibilityTarget('neural-sdf sharp visibility', _scene);
    this._shown = this._coarse;
  }

  /** What is to be shown. */
  get target(): VisibilityTarget {
    return this._shown;
  }

  /** Whether it was traced in full since something last moved. */
  get isSharp(): boolean {
    return this._shown === this._sharp;
  }

  /** Whether no hits of the shapes are left to refine. */
  isRefined(shapes: readonly SeenShape[]): boolean {
    return this._refinement.isDone(shapes);
  }

  /**
   * Ahead of a picture: traces what is out of date, or goes on with what rest allows.
   * @param scale of the full resolution along a side, while anything moves; at most 1
   * @param isComplete whether all of the shapes can be traced by now: what is being compiled traces nothing
   * @returns whether every shape was traced for it
   */
  update(camera: Camera, shapes: readonly SeenShape[], scale: number, isComplete: boolean, atRest: AtRest): boolean {
    const full = { width: this._engine.getRenderWidth(), height: this._engine.getRenderHeight() };
    const size = { width: Math.max(1, Math.round(full.width * scale)), height: Math.max(1, Math.round(full.height * scale)) };
    const signature = this._signatureOf(camera, shapes, size);
    if (!isComplete || signature.length !== this._signature.length || signature.some((value, i) => value !== this._signature[i])) {
      this._signature = signature;
      this._calmFrames = 0;
      this._stripsDone = 0;
      this._refinement.stop();
      this._shown = this._coarse;
      this._coarse.trace(viewOf(this._scene), shapes, size, scale);
      // One more look once all is there.
      if (!isComplete) this.forget();
      return true;
    }
    if (++this._calmFrames <= CALM_FRAMES) return false;
    const isSharp = this.isSharp || scale >= 1;
    if (!isSharp && atRest.sharpens) this._sharpen(shapes, full, Math.ceil(2 / scale ** 2));
    if (isSharp && atRest.refines) this._refinement.advance({ view: viewOf(this._scene), size: full, target: this._shown }, shapes);
    return false;
  }

  /**
   * Traces the next of so many strips in full, or of as many as there are rows: shapes do not fill their boxes, so that the fullest is about
   * as much work as the whole, coarse. The first clears what was there before.
   */
  private _sharpen(shapes: readonly SeenShape[], size: TargetSize, most: number): void {
    const [bottom, top] = rowsOf(this._scene, shapes, size);
    const strips = Math.min(most, Math.max(1, top - bottom));
    const edge = (strip: number) => bottom + Math.round(((top - bottom) * strip) / strips);
    const first = edge(this._stripsDone);
    const count = edge(this._stripsDone + 1) - first;
    this._sharp.trace(viewOf(this._scene), shapes, size, 1, { first, count, adds: this._stripsDone > 0 });
    if (++this._stripsDone === strips) this._shown = this._sharp;
  }

  /** All that the texture depends on. */
  private _signatureOf(camera: Camera, shapes: readonly SeenShape[], size: TargetSize): number[] {
    const signature = [size.width, size.height, camera.uniqueId, ...this._scene.getTransformMatrix().m];
    for (const plane of clipPlanesOf(this._scene))
      signature.push(...(plane ? [plane.normal.x, plane.normal.y, plane.normal.z, plane.d] : [0]));
    for (const { mesh, identity, buffers } of shapes) signature.push(identity, buffers.version, ...mesh.getWorldMatrix().m);
    return signature;
  }

  /** What the textures show is out of date. */
  forget(): void {
    this._signature = [];
    this._refinement.stop();
  }

  /** Frees the textures; the next update makes them anew. */
  release(): void {
    this.forget();
    this._shown = this._coarse;
    this._coarse.dispose();
    this._sharp.dispose();
  }
}
