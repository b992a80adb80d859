import type { Camera } from '@babylonjs/core/Cameras/camera.js';
import { PickingInfo } from '@babylonjs/core/Collisions/pickingInfo.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import { InstancedMesh } from '@babylonjs/core/Meshes/instancedMesh.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { Node } from '@babylonjs/core/node.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import type { LevelOfDetail } from '../baked/level-of-detail.js';
import { ShapePicker } from '../picking/picking.js';
import { SLOT_ATTRIBUTE } from './instance-slot.js';
import type { InstancedShapeMesh } from './instanced-shape-mesh.js';

/** Babylon takes null for nothing to draw, though its types do not say so. */
const NOTHING = null as unknown as AbstractMesh;

/** An instance of a neural shape: at a transform of its own, and with a latent code of its own where it was given one. */
export class NeuralSdfInstance extends InstancedMesh {
  /** @internal */
  _slot = 0;
  private readonly _picker = new ShapePicker(this);
  private _ownLatent: Float32Array | undefined;

  /** By `NeuralSdfMesh.createInstance`. */
  constructor(
    name: string,
    private readonly _shape: InstancedShapeMesh,
  ) {
    super(name, _shape);
  }

  override getClassName(): string {
    return 'InstancedMesh';
  }

  /** The mesh's decoder, and the shapes it knows. */
  get shapes(): NeuralShapes {
    return this._shape.shapes;
  }

  /** A copy of the latent code that is shown, [codeLength]: its own, or else the mesh's. Setting it is `setLatent`. */
  get latent(): Float32Array {
    return this._ownLatent?.slice() ?? this._shape.latent;
  }

  set latent(values: ArrayLike<number>) {
    this.setLatent(values);
  }

  /** Whether it has a latent code of its own; without, it follows the mesh's. */
  hasOwnLatent(): boolean {
    return this._ownLatent !== undefined;
  }

  /**
   * Gives the instance a latent code of its own, from the next frame on. Instances with the same code share its data.
   * @param values [codeLength]; null to follow the mesh's again
   * @throws NeuralSdfError LATENT_LENGTH, NOT_FINITE, INVALID_ARGUMENT when the GPU has no room for one more; it then stays as it was
   */
  setLatent(values: ArrayLike<number> | null): void {
    const latent = values ? this._shape._checkedLatent(values) : undefined;
    this._slot = this._shape._assign(latent, this._slot);
    this._ownLatent = latent;
    // Babylon's own cloning leaves null there.
    this.instancedBuffers = { ...this._shape.instancedBuffers, ...this.instancedBuffers, [SLOT_ATTRIBUTE]: this._slot };
  }

  /** @throws NeuralSdfError SHAPE_NOT_FOUND */
  setShape(indexOrName: number | string): void {
    this.setLatent(this._shape._latentOf(indexOrName));
  }

  /** As NeuralSdfMesh's. */
  override intersects(...args: Parameters<AbstractMesh['intersects']>): PickingInfo {
    const [ray, , , onlyBoundingInfo, worldToUse] = args;
    if (onlyBoundingInfo) return super.intersects(...args);
    const { shapes, editPlan } = this._shape;
    return this._picker.pick(ray, worldToUse ?? this.getWorldMatrix(), { shapes, latent: this.latent, plan: editPlan });
  }

  override getLOD(camera: Camera): AbstractMesh {
    // Where the mesh itself is not drawn, since it is shown baked, neither are its instances.
    return this._shape.isVisible ? super.getLOD(camera) : NOTHING;
  }

  override clone(name: string, newParent: Node | null = null, doNotCloneChildren?: boolean, newSourceMesh?: Mesh): InstancedMesh {
    const own = this._ownLatent;
    const copy = withoutStandIn(this, () => super.clone(name, newParent, doNotCloneChildren, newSourceMesh));
    // Babylon copies every property it finds, `latent` too, though this one may only follow.
    if (copy instanceof NeuralSdfInstance) copy.setLatent(own ?? null);
    return copy;
  }

  override instantiateHierarchy(...args: Parameters<InstancedMesh['instantiateHierarchy']>) {
    return withoutStandIn(this, () => super.instantiateHierarchy(...args));
  }

  override dispose(doNotRecurse?: boolean, disposeMaterialAndTextures = false): void {
    if (this.isDisposed()) return;
    this._shape._assign(undefined, this._slot);
    this._shape._forgetInstance(this);
    super.dispose(doNotRecurse, disposeMaterialAndTextures);
  }
}

/** An instance's baked stand-in: an instance of its mesh's, and its child. */
export class StandInInstance extends InstancedMesh {
  constructor(
    mesh: Mesh,
    private readonly _instance: InstancedMesh,
    private readonly _lod: LevelOfDetail,
  ) {
    super(`${_instance.name} baked`, mesh);
    this.parent = _instance;
    this.isPickable = mesh.isPickable;
    // It comes back with its instance.
    this.doNotSerialize = true;
  }

  /** The instance itself answers, whichever of the two is drawn. */
  override intersects(): PickingInfo {
    return new PickingInfo();
  }

  override getLOD(camera: Camera): AbstractMesh {
    const { _instance, _lod } = this;
    const owns = _instance instanceof NeuralSdfInstance && _instance.hasOwnLatent();
    if (_lod.isActive && (owns || _lod.hidesBaked(this.getWorldMatrix(), camera))) return NOTHING;
    return super.getLOD(camera);
  }
}

/** Runs a copy of a node's hierarchy during which its stand-in is no child: the copy makes one of its own. */
export function withoutStandIn<T>(node: AbstractMesh, copy: () => T, standIns = node.getChildMeshes(true, isStandIn)): T {
  for (const standIn of standIns) standIn.parent = null;
  try {
    return copy();
  } finally {
    for (const standIn of standIns) standIn.parent = node;
  }
}

const isStandIn = (node: Node): boolean => node instanceof StandInInstance;
