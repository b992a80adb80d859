import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { Observable } from '@babylonjs/core/Misc/observable.js';
import { AutoBake } from '../baked/auto-bake.js';
import { BakedStandIn } from '../baked/baked-stand-in.js';
import { ShownForm } from '../baked/shown-form.js';
import { checkOptions, checkShowBaked, type ShowBaked } from './mesh-options.js';
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
  /** As it was when last looked at: a shape that turns out not to be traceable needs its baked mesh. */
  private _wasBakedOnly = true;

  /** As TracedMesh's. */
  constructor(...args: ConstructorParameters<typeof TracedMesh>) {
    super(...args);
    const [, , , options] = args;
    this._standIn = new BakedStandIn(
      this,
      () => this.shapes,
      () => this.editPlan,
      this._lod!,
    );
    this._autoBake = new AutoBake(() => this._bakeFallback(), options.autoBake ?? false);
    this._shown = new ShownForm(this, this._standIn, this._lod!, this.onTracedChangedObservable);
    this._wasBakedOnly = !this.buffers;
  }

  /** Whether there is nothing to trace with: no WebGPU, or shaders that did not compile. */
  private get _isBakedOnly(): boolean {
    return !this.buffers || this.buffers.hasFailed || (this._shown?.hasFailed ?? false);
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

  /** @throws NeuralSdfError INVALID_ARGUMENT */
  set showBaked(value: ShowBaked) {
    checkShowBaked(this.name, value);
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

  /** @throws NeuralSdfError INVALID_ARGUMENT */
  set lodPixels(pixels: number) {
    checkOptions(this.name, { lodPixels: pixels });
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
    this._standIn?.adopt(fallback, this._latent, this.shapes.decoder);
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
    if (this.fallbackMesh || this._isBakedOnly) this._bakeFallback();
  }

  protected override _applyLatent(): void {
    this.buffers?.update(this._latent);
    if (this._isBakedOnly) this._bakeFallback();
    else this._autoBake?.schedule();
    this._updateVisibility();
  }

  protected override _updateVisibility(): void {
    // Mesh's own constructor comes here before there is anything to show.
    if (!this._shown) return;
    this._shown.update(this.plugin && this.buffers, this._standIn!.shows(this._latent) && this._thinInstancesAreAlike, this._isUpsampled);
    const [was, is] = [this._wasBakedOnly, this._isBakedOnly];
    this._wasBakedOnly = is;
    if (is && !was && !this._standIn!.shows(this._latent)) this._bakeFallback();
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
