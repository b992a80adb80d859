import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import type { View } from '../../src/gpu/pack-view.js';
import { deviceOf } from '../device.js';
import type { TargetSize } from './main-view.js';
import type { SeenShape, VisibilityTarget } from './visibility-target.js';

/** What has been traced in full, and rests. */
export interface RestingView {
  readonly view: View;
  readonly size: TargetSize;
  readonly target: VisibilityTarget;
}

/**
 * Neural refinement at rest: moves the hits of shapes in bricks to their decoders' own surface, a shape after the other, beside the frames.
 * Normals stay those of the bricks.
 */
export class RestRefinement {
  /** Counts stops: work for an earlier view ends. */
  private _view = 0;
  private _isUnderWay = false;
  /** Whose texels were moved since the texture was last copied. */
  private readonly _moved: Mesh[] = [];
  private readonly _shown = new Set<Mesh>();

  /** Whether none of the shapes is left to refine. */
  isDone(shapes: readonly SeenShape[]): boolean {
    return shapes.every(
      ({ mesh, buffers }) => this._shown.has(mesh) || buffers.exact === undefined || buffers.decoder.viewRefiners.hasFailed,
    );
  }

  /** To be called ahead of every picture of a resting view: shows what has been refined, and goes on with what is left. */
  advance(resting: RestingView, shapes: readonly SeenShape[]): void {
    if (this._moved.length > 0) resting.target.show();
    for (const mesh of this._moved.splice(0)) this._shown.add(mesh);
    const next = shapes.find((shape) => !this.isDone([shape]));
    if (next && !this._isUnderWay) void this._refine(resting, next);
  }

  /** The view, or a shape in it, is another. */
  stop(): void {
    this._view++;
    this._isUnderWay = false;
    this._moved.length = 0;
    this._shown.clear();
  }

  private async _refine({ view, size, target }: RestingView, shape: SeenShape): Promise<void> {
    const { mesh, buffers } = shape;
    const { version, exact, decoder, resources } = buffers;
    const [traced, stop] = [target.tracedOf(shape, size), this._view];
    // An edit takes the table before the next frame takes note of it.
    const isCurrent = () => stop === this._view && buffers.version === version && buffers.exact?.latent === exact?.latent;
    this._isUnderWay = true;
    try {
      if (traced && exact) {
        const { part, placement, texels } = traced;
        const refiner = await decoder.viewRefiners.get();
        const from = { view, part, texels, shape: { ...placement, table: resources.table } };
        if (!refiner || !isCurrent() || !(await refiner.refine(from, exact, isCurrent))) return;
      }
      if (stop === this._view) this._moved.push(mesh);
    } catch (error) {
      // Of a view that is gone, or a device that is lost, nobody waits for anything.
      const { reason } = (await Promise.race([deviceOf(decoder.engine).lost, Promise.resolve()])) ?? {};
      if (!isCurrent() || reason !== undefined) return;
      Logger.Warn(`babylon-neural-sdf: hits of mesh "${mesh.name}" were not refined, and stay those of its bricks: ${error}`);
      this._shown.add(mesh);
    } finally {
      if (stop === this._view) this._isUnderWay = false;
    }
  }
}
