import { Matrix } from '@babylonjs/core/Maths/math.vector.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import '@babylonjs/core/Meshes/thinInstanceMesh.js';
import { checkLatent } from '../../src/decoder/decoder.js';
import type { EditPlan } from '../../src/editing/edit-plan.js';
import { NeuralSdfError } from '../../src/errors.js';
import type { BakedStandIn } from '../baked/baked-stand-in.js';
import { dropStrayStandIns } from '../baked/stray-stand-ins.js';
import { LatentMesh } from '../mesh/latent-mesh.js';
import type { ShapeBuffers } from '../shape/shape-buffers.js';
import { SLOT_ATTRIBUTE } from './instance-slot.js';
import { NeuralSdfInstance, withoutStandIn } from './instances.js';
import { LatentSlots } from './latent-slots.js';

/** A shape that is drawn many times: by instances and thin instances, each with its own latent code where it was given one. */
export abstract class InstancedShapeMesh extends LatentMesh {
  private _slots: LatentSlots | undefined;
  private _thinSlots: number[] = [];
  private _thinLatents: Float32Array | undefined;

  /** The baked mesh, which stands in for instances too. */
  protected abstract readonly _standIn: BakedStandIn | undefined;

  /** What is traced; undefined where nothing can be. */
  abstract get buffers(): ShapeBuffers | undefined;
  abstract get editPlan(): EditPlan | undefined;

  /** One more of this shape, drawn in the same call; `setLatent` gives it a latent code of its own. */
  override createInstance(name: string): NeuralSdfInstance {
    // From the first instance on, so that the shader does not change when none is in view, nor when they get latent codes.
    if (this.instancedBuffers?.[SLOT_ATTRIBUTE] === undefined) {
      this.registerInstancedBuffer(SLOT_ATTRIBUTE, 1);
      this.instancedBuffers[SLOT_ATTRIBUTE] = 0;
    }
    const instance = new NeuralSdfInstance(name, this);
    instance.instancedBuffers = { ...this.instancedBuffers };
    instance.parent = this.parent;
    this._standIn?.follow(instance);
    dropStrayStandIns(instance);
    return instance;
  }

  /**
   * Gives each thin instance a latent code of its own; equal codes share their data. A later call rewrites only the codes that changed.
   * Thin instances added afterwards show the mesh's own code; the codes of those that are taken away are gone with them.
   * @param latents [thinInstanceCount * codeLength]; null for the mesh's own everywhere
   * @throws NeuralSdfError SHAPE_MISMATCH, NOT_FINITE, INVALID_ARGUMENT when the GPU has no room for so many different ones; they then stay as they were
   */
  setThinInstanceLatents(latents: Float32Array | null): void {
    const { codeLength } = this.shapes.decoder.spec;
    const count = latents ? this.thinInstanceCount : 0;
    if (latents && latents.length !== count * codeLength) {
      throw new NeuralSdfError(
        'SHAPE_MISMATCH',
        `mesh "${this.name}": ${latents.length} numbers for ${count} thin instances, which need ${codeLength} each`,
        { length: latents.length, count, codeLength },
      );
    }
    const codes = Array.from({ length: count }, (_, i) => this._checkedLatent(latents!.subarray(i * codeLength, (i + 1) * codeLength)));
    const before = { codes: this._thinCodes(), count: this._thinSlots.length };
    try {
      this._assignThin(codes);
    } catch (error) {
      // No room: those that have theirs already give them back.
      this._assignThin(before.codes);
      this._thinSlots.length = before.count;
      this._uploadThinSlots();
      throw error;
    }
    this._thinSlots.length = count;
    this._thinLatents = latents?.slice();
    this._uploadThinSlots();
  }

  private _assignThin(codes: readonly Float32Array[]): void {
    for (let i = 0; i < Math.max(codes.length, this._thinSlots.length); i++) {
      this._thinSlots[i] = this._assign(codes[i], this._thinSlots[i] ?? 0);
    }
  }

  /** What `setThinInstanceLatents` was given last, one by one. */
  private _thinCodes(): Float32Array[] {
    const { codeLength } = this.shapes.decoder.spec;
    const latents = this._thinLatents ?? new Float32Array();
    return Array.from({ length: latents.length / codeLength }, (_, i) => latents.slice(i * codeLength, (i + 1) * codeLength));
  }

  /** A copy of what `setThinInstanceLatents` was given last. */
  get thinInstanceLatents(): Float32Array | null {
    return this._thinLatents?.slice() ?? null;
  }

  /**
   * The latent code of the thin instance that stands at a world matrix, by which Babylon's picking tells them apart.
   * @returns undefined where that is the mesh's own
   */
  protected _thinLatentAt(world: Matrix): Float32Array | undefined {
    const { matrixData } = this._thinInstanceDataStorage;
    const own = this.getWorldMatrix();
    if (!matrixData || !this._thinLatents || world === own) return undefined;
    const { codeLength } = this.shapes.decoder.spec;
    for (let i = 0; i * codeLength < this._thinLatents.length; i++) {
      const isThere = Matrix.FromArray(matrixData, 16 * i)
        .multiply(own)
        .equals(world);
      if (isThere) return this._thinLatents.slice(i * codeLength, (i + 1) * codeLength);
    }
    return undefined;
  }

  /** Whether every thin instance shows the mesh's own latent code. */
  protected get _thinInstancesAreAlike(): boolean {
    return this._thinSlots.every((slot) => slot === 0);
  }

  override thinInstanceAdd(matrix: Matrix | Matrix[], refresh?: boolean): number {
    const index = super.thinInstanceAdd(matrix, refresh);
    this._thinInstancesChanged(index);
    return index;
  }

  override thinInstanceSetMatrixAt(index: number, matrix: Matrix, refresh?: boolean): void {
    super.thinInstanceSetMatrixAt(index, matrix, refresh);
    if (refresh !== false) this._standIn?.mesh?.thinInstanceBufferUpdated('matrix');
  }

  override thinInstanceSetBuffer(kind: string, buffer: Float32Array | null, stride?: number, staticBuffer?: boolean): void {
    super.thinInstanceSetBuffer(kind, buffer as Float32Array, stride, staticBuffer);
    // Not thinInstanceCount, by which some are hidden for a while.
    if (kind !== SLOT_ATTRIBUTE) this._thinInstancesChanged((this._thinInstanceDataStorage.matrixData?.length ?? 0) / 16);
  }

  override thinInstanceBufferUpdated(kind: string): void {
    super.thinInstanceBufferUpdated(kind);
    this._standIn?.mesh?.thinInstanceBufferUpdated(kind);
  }

  /**
   * After a device was lost. Babylon (9.34) loses two things of instances with it: the attributes of their own, of which each render pass has a
   * buffer, and the transforms of thin ones, once their buffer was written to.
   * @internal
   */
  override _rebuild(dispose?: boolean): void {
    super._rebuild(dispose);
    if (this._userInstancedBuffersStorage) this._userInstancedBuffersStorage.renderPasses = undefined;
    if (this.hasThinInstances) this.thinInstanceBufferUpdated('matrix');
  }

  /** @param kept those that are still the same */
  private _thinInstancesChanged(kept: number): void {
    const { length } = this._thinSlots;
    for (const slot of this._thinSlots.splice(kept)) this._assign(undefined, slot);
    if (length > kept) this._thinLatents = kept > 0 ? this._thinLatents?.slice(0, kept * this.shapes.decoder.spec.codeLength) : undefined;
    if (length > 0 && length !== this.thinInstanceCount) this._uploadThinSlots();
    this._standIn?.copyThinInstances();
  }

  /** A slot for each, the mesh's own for those that came later. */
  private _uploadThinSlots(): void {
    const slots = this._thinSlots.length ? new Float32Array(this._thinInstanceDataStorage.matrixData!.length / 16) : null;
    slots?.set(this._thinSlots);
    this.thinInstanceSetBuffer(SLOT_ATTRIBUTE, slots, 1, true);
  }

  override instantiateHierarchy(...args: Parameters<Mesh['instantiateHierarchy']>) {
    const standIn = this._standIn?.mesh;
    return withoutStandIn(this, () => super.instantiateHierarchy(...args), standIn ? [standIn] : []);
  }

  /** @internal */
  _checkedLatent(values: ArrayLike<number>): Float32Array {
    checkLatent(this.shapes.decoder.spec, values);
    return Float32Array.from(values);
  }

  /** @internal */
  _forgetInstance(instance: NeuralSdfInstance): void {
    this._standIn?.unfollow(instance);
  }

  /**
   * The slot of a latent code; undefined for the mesh's own.
   * @internal
   */
  _assign(latent: Float32Array | undefined, previous: number): number {
    const { buffers } = this;
    if (!buffers) return 0;
    const refused = latent && buffers.refusesOtherCodes;
    if (refused) throw new NeuralSdfError('INVALID_ARGUMENT', `mesh "${this.name}": ${refused}`);
    const wasSlotted = buffers.isSlotted;
    this._slots ??= new LatentSlots(buffers);
    const slot = this._slots.assign(latent, previous);
    if (buffers.isSlotted !== wasSlotted) this._markSubMeshesAsAttributesDirty();
    return slot;
  }
}
