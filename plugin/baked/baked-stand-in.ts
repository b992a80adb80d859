import type { Camera } from '@babylonjs/core/Cameras/camera.js';
import type { Material } from '@babylonjs/core/Materials/material.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Matrix } from '@babylonjs/core/Maths/math.vector.js';
import type { InstancedMesh } from '@babylonjs/core/Meshes/instancedMesh.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import type { Decoder } from '../../src/decoder/decoder.js';
import type { EditPlan } from '../../src/editing/edit-plan.js';
import { StandInInstance } from '../instances/instances.js';
import { pickOwnerInstead } from '../picking/picking.js';
import { applyTriangles, bakeTriangles, createBakedMesh } from './baked-mesh.js';
import { createBeside } from './beside.js';
import type { LevelOfDetail } from './level-of-detail.js';
import { markStandIn } from './stray-stand-ins.js';

/** The baked mesh of a traced one: a child that stands in for it, or lies over it as wires. */
export class BakedStandIn {
  private _mesh: Mesh | undefined;
  private _wires: StandardMaterial | undefined;
  private _baking: Promise<void> | undefined;
  private _bakeAgain = false;
  private readonly _disposal = new AbortController();
  /** That of the last call. */
  private _resolution = 0;
  private _isShown = true;
  /** The latent code that the mesh shows, [codeLength]. */
  private _latent: Float32Array | undefined;
  /** By which that is a shape: a live decoder's weights change. */
  private _decoder: Decoder | undefined;
  private _shownEdits: EditPlan | undefined;
  /** The owner's instances, and their own stand-ins. */
  private readonly _instances = new Map<InstancedMesh, InstancedMesh | undefined>();

  constructor(
    private readonly _owner: Mesh,
    /** The shapes as they are when a bake starts. */
    private readonly _shapes: () => NeuralShapes,
    /** What was done to the owner's, likewise. */
    private readonly _edits: () => EditPlan | undefined,
    private readonly _lod: LevelOfDetail,
  ) {}

  get mesh(): Mesh | undefined {
    return this._mesh;
  }

  /**
   * Takes a mesh in the scene; the one before is disposed.
   * @param latent the code that it shows, [codeLength]
   * @param decoder by which it does
   */
  adopt(mesh: Mesh, latent: Float32Array, decoder: Decoder): void {
    this._mesh?.dispose();
    this._mesh = mesh;
    this._latent = latent.slice();
    this._decoder = decoder;
    markStandIn(mesh);
    mesh.parent = this._owner;
    pickOwnerInstead(mesh, this._owner);
    if (this._owner.material) mesh.material = this._owner.material;
    mesh.receiveShadows = this._owner.receiveShadows;
    // A mesh of somebody else's making, so no class of ours can say it: where the shape is traced, this one is not drawn.
    const getLOD = mesh.getLOD.bind(mesh);
    mesh.getLOD = (camera, sphere) => (this._isHidden(mesh, camera) ? null : getLOD(camera, sphere));
    for (const instance of this._instances.keys()) this.follow(instance);
    this.copyThinInstances();
  }

  /** Of thin instances, which are drawn together, whether all are. */
  private _isHidden(mesh: Mesh, camera: Camera): boolean {
    const world = mesh.getWorldMatrix();
    const { matrixData } = mesh._thinInstanceDataStorage;
    if (!mesh.hasThinInstances || !matrixData) return this._lod.hidesBaked(world, camera);
    if (!this._lod.isActive) return false;
    const one = new Matrix();
    for (let i = 0; i < mesh.thinInstanceCount; i++) {
      Matrix.FromArrayToRef(matrixData, 16 * i, one);
      if (!this._lod.hidesBaked(one.multiplyToRef(world, one), camera)) return false;
    }
    return true;
  }

  /** Whether the mesh shows a latent code by the decoder, and the owner's edits, as they are now. */
  shows(latent: Float32Array): boolean {
    if (this._shownEdits !== this._edits() || this._decoder !== this._shapes().decoder) return false;
    return this._latent?.every((value, i) => value === latent[i]) ?? false;
  }

  /** Stands in for an instance of the owner too, at its transform. */
  follow(instance: InstancedMesh): void {
    const mesh = this._mesh;
    const follower = mesh && createBeside(instance, () => new StandInInstance(mesh, instance, this._lod));
    follower?.setEnabled(this._isShown);
    this._instances.set(instance, follower);
  }

  unfollow(instance: InstancedMesh): void {
    this._instances.get(instance)?.dispose();
    this._instances.delete(instance);
  }

  /** Stands in for the owner's thin instances, as they are now. */
  copyThinInstances(): void {
    const { _mesh: mesh, _owner: owner } = this;
    if (!mesh || !(owner.hasThinInstances || mesh.hasThinInstances)) return;
    // The array itself, so that writing into it and thinInstanceBufferUpdated reach both.
    mesh.thinInstanceSetBuffer('matrix', owner._thinInstanceDataStorage.matrixData, 16, false);
    mesh.thinInstanceCount = owner.thinInstanceCount;
  }

  /**
   * Bakes a latent code into the mesh, making one where there is none. Calls while a bake is under way are answered by one more.
   * @param latent read when a bake starts, [codeLength]
   * @throws NeuralSdfError EMPTY_SHAPE, RESOLUTION_TOO_LARGE
   */
  async bakeAsync(latent: Float32Array, resolution: number): Promise<void> {
    this._resolution = resolution;
    if (this._baking) {
      this._bakeAgain = true;
      return this._baking;
    }
    const bake = async () => {
      do {
        this._bakeAgain = false;
        const baked = latent.slice();
        const edits = this._edits();
        const shapes = this._shapes();
        const triangles = await bakeTriangles(shapes, baked, this._resolution, {
          normals: true,
          edits,
          signal: this._disposal.signal,
        });
        if (this._mesh) applyTriangles(this._mesh, triangles);
        else
          this.adopt(
            createBeside(this._owner, () => createBakedMesh(`${this._owner.name} baked`, triangles, this._owner.getScene())),
            baked,
            shapes.decoder,
          );
        this._latent = baked;
        this._decoder = shapes.decoder;
        this._shownEdits = edits;
      } while (this._bakeAgain);
    };
    this._baking = bake()
      .catch((error: unknown) => {
        if (!this._disposal.signal.aborted) throw error;
      })
      .finally(() => {
        this._baking = undefined;
      });
    return this._baking;
  }

  /** Whether it is drawn, and in what: as wires, or in the owner's material. */
  show(shown: boolean, asWires: boolean, material: Material | null): void {
    this._isShown = shown;
    if (!this._mesh) return;
    this._mesh.setEnabled(shown);
    for (const follower of this._instances.values()) follower?.setEnabled(shown);
    const worn = asWires ? this._wireMaterial() : material;
    if (worn) this._mesh.material = worn;
  }

  /** A copy of the mesh, with geometry of its own, for a clone of the owner. */
  copyTo(other: BakedStandIn): void {
    if (!this._mesh) return;
    const copy = this._mesh.clone(`${other._owner.name} baked`, other._owner);
    copy.makeGeometryUnique();
    other.adopt(copy, this._latent!, this._decoder!);
  }

  /** The mesh itself goes with its parent. */
  dispose(): void {
    this._disposal.abort();
    this._wires?.dispose();
  }

  private _wireMaterial(): StandardMaterial {
    if (!this._wires) {
      this._wires = new StandardMaterial(`${this._owner.name} wires`, this._owner.getScene());
      this._wires.wireframe = true;
      this._wires.disableLighting = true;
      this._wires.emissiveColor = new Color3(1, 0.55, 0.1);
      // Towards the camera, or the wires would drown in the surface they lie on.
      this._wires.zOffset = -2;
    }
    return this._wires;
  }
}
