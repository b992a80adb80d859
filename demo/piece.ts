import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { createCollider, type NeuralSdfMesh } from '../plugin/index.js';
import { EditedDistanceField } from '../src/editing/edited-distance-field.js';
import { DecoderField } from '../src/tracing/distance-field.js';
import type { Finish } from './finish.js';
import { TARGET_FRAME_TIME } from './frame-pacing.js';
import { Latest } from './latest.js';
import type { StanceTable } from './stance.js';
import type { Studio } from './studio.js';

/** Where a piece stands, metres, and where it looks, radians from +z. */
export interface Place {
  readonly x: number;
  readonly z: number;
  readonly turn: number;
}

/** What is shown of the triangles beside the traced surface. */
export type BakedView = 'off' | 'wires over it' | 'instead of it';

/** Cells along the box for what is baked while the page runs: a collider, and the mesh to look at. */
const COLLIDER_RESOLUTION = 64;
const VIEW_RESOLUTION = 64;
/** Calm after which a changed shape is baked again, milliseconds. */
const BAKE_AFTER = 250;

/** A neural shape that stands in the studio, and the triangles that follow it. */
export class Piece {
  private readonly _colliders: Latest;
  private readonly _views: Latest;
  private _collider: Mesh | undefined;
  private _wantsCollider = false;
  private _showsCollider = false;
  private _onCollider: (collider: Mesh | undefined) => void = () => {};
  private _view: BakedView = 'off';
  private _isDisposed = false;

  constructor(
    readonly mesh: NeuralSdfMesh,
    readonly finish: Finish,
    private readonly _place: Place,
    private readonly _stances: StanceTable,
    private readonly _studio: Studio,
    private readonly _colliderMaterial: PBRMaterial,
    /** Called when what is to be seen changed. */
    private readonly _changed: () => void,
    onError: (error: unknown) => void,
  ) {
    mesh.material = finish.material;
    mesh.rotationQuaternion = null;
    mesh.rotation.set(0, _place.turn, 0);
    _studio.shade(mesh);
    if (mesh.fallbackMesh) _studio.shade(mesh.fallbackMesh);
    this._colliders = new Latest(BAKE_AFTER, () => this._bakeCollider(), onError);
    this._views = new Latest(mesh.getEngine().isWebGPU ? BAKE_AFTER : 0, () => this._bakeView(), onError);
    mesh.targetFrameTime = TARGET_FRAME_TIME;
    mesh.onTracedChangedObservable.add(_changed);
    mesh.onTraceStatusChangedObservable.add(_changed);
    mesh.onBakedObservable.add(_changed);
    this._stand();
  }

  get material(): PBRMaterial {
    return this.finish.material;
  }

  get latent(): Float32Array {
    return this.mesh.latent;
  }

  set latent(latent: Float32Array) {
    this.mesh.setLatent(latent);
    this._stand();
    if (this._wantsCollider) this._colliders.request();
    if (this._view !== 'off' || !this.mesh.isTraced) this._views.request();
    this._changed();
  }

  /** The shape's edits are others than before. */
  edited(): void {
    if (this._wantsCollider) this._colliders.request();
    this._views.request(BAKE_AFTER);
    this._changed();
  }

  /** Triangles in place of the traced surface, or over it; they follow the shape when it comes to rest. */
  set bakedView(view: BakedView) {
    this._view = view;
    if (view !== 'off') this._views.request();
    this._applyView();
  }

  /** Triangles are still behind the shape. */
  get busy(): boolean {
    return this._colliders.busy || this._views.busy;
  }

  /** Settles when triangles of the current shape are there to be seen. */
  async baked(): Promise<void> {
    await this._bakeView();
  }

  /**
   * From now on a collider follows the shape.
   * @param listener called with each, the one that is there already too; undefined where none could be baked, which the page is told
   */
  followCollider(listener: (collider: Mesh | undefined) => void): void {
    this._onCollider = listener;
    if (this._collider) listener(this._collider);
    this._needCollider();
  }

  set colliderVisible(visible: boolean) {
    if (visible) this._needCollider();
    this._showsCollider = visible;
    if (this._collider) this._collider.isVisible = visible;
    this._changed();
  }

  /** Signed distance of the current shape at a point of the room, metres. */
  distanceFunction(): (point: Vector3) => number {
    const { shapes, latent, editPlan } = this.mesh;
    const fieldOf = (code: ArrayLike<number>) => new DecoderField(shapes.decoder, code);
    const own = fieldOf(latent);
    const edited = editPlan && new EditedDistanceField(editPlan, shapes, [own, ...editPlan.latents.map(fieldOf)]);
    const toModel = this.mesh.computeWorldMatrix(true).clone().invert();
    const scale = this.mesh.scaling.x;
    const local = new Vector3();
    return (point) => {
      const { x, y, z } = Vector3.TransformCoordinatesToRef(point, toModel, local);
      if (edited) return scale * edited.distance(x, y, z);
      // Outside its box the decoder was never trained; the way to the box is a safe bound.
      const outside = Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) - shapes.halfExtent;
      return scale * (outside > 0 ? outside + 1e-3 : own.distance(x, y, z));
    };
  }

  dispose(): void {
    this._isDisposed = true;
    this._colliders.cancel();
    this._views.cancel();
    this.mesh.dispose();
    this.finish.dispose();
  }

  private _needCollider(): void {
    if (this._wantsCollider) return;
    this._wantsCollider = true;
    this._colliders.request(0);
  }

  private _stand(): void {
    const { scale, height } = this._stances.at(this.mesh.latent);
    this.mesh.scaling.setAll(scale);
    this.mesh.position.set(this._place.x, height, this._place.z);
  }

  private async _bakeCollider(): Promise<void> {
    const { mesh } = this;
    const collider = await createCollider(mesh, { resolution: COLLIDER_RESOLUTION }).catch((cause: unknown) => {
      // The last one is of another shape.
      this._exchangeCollider(undefined);
      const why = cause instanceof Error ? cause.message : cause;
      throw new Error(`${mesh.name} has no collider, so that balls fall through it: ${why}`, { cause });
    });
    collider.material = this._colliderMaterial;
    collider.isVisible = this._showsCollider;
    collider.isPickable = false;
    this._exchangeCollider(collider);
  }

  private _exchangeCollider(collider: Mesh | undefined): void {
    if (this._isDisposed) {
      collider?.dispose();
      return;
    }
    const old = this._collider;
    this._collider = collider;
    this._onCollider(collider);
    old?.dispose();
    this._changed();
  }

  private async _bakeView(): Promise<void> {
    await this.mesh.bakeFallbackAsync(VIEW_RESOLUTION);
    if (this._isDisposed) return;
    if (this.mesh.fallbackMesh) this._studio.shade(this.mesh.fallbackMesh);
    this._applyView();
  }

  private _applyView(): void {
    this.mesh.showBaked = this._view === 'off' ? 'never' : this._view === 'wires over it' ? 'overlay' : 'always';
    this._changed();
  }
}

/** What a collider looks like when it is shown: a thin skin of colour over the shape. */
export function createColliderMaterial(studio: Studio): PBRMaterial {
  const material = new PBRMaterial('collider', studio.scene);
  material.albedoColor = Color3.FromHexString('#2f8f83').toLinearSpace();
  material.roughness = 1;
  material.metallic = 0;
  material.alpha = 0.55;
  material.zOffset = -1;
  return material;
}
