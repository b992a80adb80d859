import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { Observable } from '@babylonjs/core/Misc/observable.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { AutoBake } from '../baked/auto-bake.js';
import { BakedStandIn } from '../baked/baked-stand-in.js';
import { ShownForm } from '../baked/shown-form.js';
import type { NeuralSdfMeshOptions, ShowBaked } from './mesh-options.js';
import { TracedMesh } from './traced-mesh.js';

/** Cells along the box of a fallback that is baked at run time: a second in plain JavaScript for a decoder of 4 x 64. */
const FALLBACK_RESOLUTION = 48;

/** A traced mesh with a baked one for a child, which is shown where the shape cannot be traced, is too small to be, or was asked not to be. */
export abstract class TwoFormMesh extends TracedMesh {
  /** Notified when `isTraced` turns. */
  readonly onTracedChangedObservable = new Observable<boolean>();
  /** Notified with the baked mesh after it was baked anew, as by `autoBake`: the moment to make a new collider. */
  readonly onBakedObservable = new Observable<Mesh>();
  protected readonly _standIn: BakedStandIn | undefined;
  private readonly _autoBake: AutoBake | undefined;
  private readonly _shown: ShownForm | undefined;

  /** @param latent [codeLength], copied */
  constructor(name: string, shapes: NeuralShapes, scene: Scene, options: NeuralSdfMeshOptions, latent: Float32Array) {
    super(name, shapes, scene, options, latent);
    this._standIn = new BakedStandIn(
      this,
      () => this.shapes,
      () => this.editPlan,
      this._lod!,
    );
    this._autoBake = new AutoBake(() => this._bakeFallback(), options.autoBake ?? false);
    this._shown = new ShownForm(this, this._standIn, this._lod!, this.onTracedChangedObservable);
  }

  override get isTraced(): boolean {
    return this._shown?.isTraced ?? false;
  }

  /** The baked mesh, a child; undefined for a shape that came without one, until `bakeFallbackAsync`. */
  get fallbackMesh(): Mesh | undefined {
    return this._standIn?.mesh;
  }

  /** A fallback shows the latent code it was baked from: after another one, `bakeFallbackAsync` brings it up to date. Edits it follows by itself. */
  get showBaked(): ShowBaked {
    return this._shown?.showBaked ?? 'never';
  }

  set showBaked(value: ShowBaked) {
    this._shown!.showBaked = value;
    this._updateVisibility();
  }

  /** Whether the baked mesh follows latent edits, in the background, once the code rests. */
  get autoBake(): boolean {
    return this._autoBake?.isEnabled ?? false;
  }

  set autoBake(value: boolean) {
    this._autoBake!.isEnabled = value;
    if (this._standIn?.shows(this._latent)) return;
    this._autoBake!.schedule();
  }

  /**
   * Height on the screen, in pixels, below which the baked mesh is drawn instead, by a cross-fade; 0 to trace at any size. Only a baked mesh
   * that shows the current latent code is used.
   */
  get lodPixels(): number {
    return this._lod?.pixels ?? 0;
  }

  set lodPixels(pixels: number) {
    this._lod!.pixels = pixels;
    this._updateVisibility();
  }

  override get receiveShadows(): boolean {
    return super.receiveShadows;
  }

  override set receiveShadows(value: boolean) {
    super.receiveShadows = value;
    // Mesh's own constructor comes here before there is a fallback.
    if (this.fallbackMesh) this.fallbackMesh.receiveShadows = value;
  }

  /** Makes a mesh in the scene the baked mesh of this one: a child, in its material. The one before is disposed. */
  adoptFallback(fallback: Mesh): void {
    this._standIn?.adopt(fallback, this._latent);
    this._updateVisibility();
  }

  /**
   * Bakes the current latent code and edits into the fallback mesh. Calls while one is under way are answered by one more bake.
   * @throws NeuralSdfError EMPTY_SHAPE, RESOLUTION_TOO_LARGE
   */
  async bakeFallbackAsync(resolution = FALLBACK_RESOLUTION): Promise<void> {
    if (this._hasEdits) {
      this.edits.flush();
      this.edits.cancelSettling();
    }
    await this._standIn?.bakeAsync(this._latent, resolution);
    if (this.isDisposed()) return;
    this._updateVisibility();
    this.onBakedObservable.notifyObservers(this.fallbackMesh!);
  }

  /** Where nobody waits for it: a latent code without surface keeps the last mesh, and says so. */
  protected _bakeFallback(): void {
    this.bakeFallbackAsync().catch((error: unknown) => Logger.Warn(`babylon-neural-sdf: mesh "${this.name}" was not baked: ${error}`));
  }

  /** @internal */
  override onEditsSettled(): void {
    if (this.fallbackMesh || !this.buffers) this._bakeFallback();
  }

  protected override _applyLatent(): void {
    if (this.buffers) {
      this.buffers.update(this._latent);
      this._autoBake?.schedule();
    } else this._bakeFallback();
    this._updateVisibility();
  }

  protected override _updateVisibility(): void {
    // Mesh's own constructor comes here before there is anything to show.
    this._shown?.update(this.plugin && this.buffers, this._standIn!.shows(this._latent) && this._thinInstancesAreAlike, this._isUpsampled);
    const baked = this.fallbackMesh;
    if (baked && this.plugin) this.plugin.addStandIn(baked, this._lod!);
  }

  override dispose(doNotRecurse?: boolean, disposeMaterialAndTextures = false): void {
    if (this.isDisposed()) return;
    this._autoBake?.cancel();
    super.dispose(doNotRecurse, disposeMaterialAndTextures);
    this._standIn?.dispose();
    this.onTracedChangedObservable.clear();
    this.onBakedObservable.clear();
  }
}
