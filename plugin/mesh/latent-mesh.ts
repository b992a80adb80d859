import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { Observable } from '@babylonjs/core/Misc/observable.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { findShape } from '../../src/asset/find-shape.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { checkLatent } from '../../src/decoder/decoder.js';

/** A mesh whose shape is a latent code: edited by hand, by naming a shape, or by blending two. */
export abstract class LatentMesh extends Mesh {
  /** Notified with the new latent code, after it took effect. */
  readonly onLatentChangedObservable = new Observable<Float32Array>();
  protected readonly _latent: Float32Array;
  private _blendEnds: readonly [Float32Array, Float32Array] | undefined;
  private _blendFactor = 0;

  /** @param latent [codeLength], copied */
  constructor(name: string, scene: Scene, latent: Float32Array) {
    super(name, scene);
    this._latent = Float32Array.from(latent);
  }

  /** The decoder and the shapes it knows; shared, not to be changed. */
  abstract get shapes(): NeuralShapes;

  /** Shows what `_latent` has become. */
  protected abstract _applyLatent(): void;

  /** A copy of the latent code, [codeLength]; setting it is `setLatent`. */
  get latent(): Float32Array {
    return this._latent.slice();
  }

  set latent(values: ArrayLike<number>) {
    this.setLatent(values);
  }

  /**
   * Changes the shape, from the next frame on: an upload of some hundred bytes and four small dispatches, no compilation.
   * @param values [codeLength]
   * @throws NeuralSdfError LATENT_LENGTH, NOT_FINITE; the shape then stays as it was
   */
  setLatent(values: ArrayLike<number>): void {
    checkLatent(this.shapes.decoder.spec, values);
    this._latent.set(values);
    this._applyLatent();
    this.onLatentChangedObservable.notifyObservers(this.latent);
  }

  /** @throws NeuralSdfError SHAPE_NOT_FOUND */
  setShape(indexOrName: number | string): void {
    this.setLatent(this.shapes.shapes[findShape(this.shapes, indexOrName)].latent);
  }

  /**
   * The shape between two: (1 - t) a + t b, in latent space. Afterwards `blendFactor` moves along the same line.
   * @param a index or name of a shape, or a latent code
   * @throws NeuralSdfError SHAPE_NOT_FOUND, LATENT_LENGTH, NOT_FINITE
   */
  blend(a: number | string | ArrayLike<number>, b: number | string | ArrayLike<number>, t: number): void {
    const [from, to] = [this._latentOf(a), this._latentOf(b)];
    this.setLatent(from.map((value, i) => (1 - t) * value + t * to[i]));
    this._blendEnds = [from, to];
    this._blendFactor = t;
  }

  /** Where between the two shapes of the last `blend`: a property that a Babylon Animation can drive. */
  get blendFactor(): number {
    return this._blendFactor;
  }

  set blendFactor(t: number) {
    if (this._blendEnds) this.blend(...this._blendEnds, t);
  }

  /**
   * The ends of the last `blend` and where between them, for a file; nothing where there was none.
   * @internal
   */
  get serializedBlend(): { readonly blend?: { readonly ends: readonly number[][]; readonly factor: number } } {
    return this._blendEnds ? { blend: { ends: this._blendEnds.map((end) => [...end]), factor: this._blendFactor } } : {};
  }

  /** @internal */
  _latentOf(shape: number | string | ArrayLike<number>): Float32Array {
    if (typeof shape === 'object') {
      checkLatent(this.shapes.decoder.spec, shape);
      return Float32Array.from(shape);
    }
    return this.shapes.shapes[findShape(this.shapes, shape)].latent;
  }

  override dispose(doNotRecurse?: boolean, disposeMaterialAndTextures = false): void {
    super.dispose(doNotRecurse, disposeMaterialAndTextures);
    this.onLatentChangedObservable.clear();
  }

  /** Takes over where another mesh stands between the shapes of its last `blend`. */
  protected _copyBlend(other: LatentMesh): void {
    this._blendEnds = other._blendEnds;
    this._blendFactor = other._blendFactor;
  }
}
