import type { StorageBuffer } from '@babylonjs/core/Buffers/storageBuffer.js';
import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { Observable, type Observer } from '@babylonjs/core/Misc/observable.js';
import { type FoldedDecoder, foldBiases } from '../../src/decoder/folding.js';
import type { EditPlan } from '../../src/editing/edit-plan.js';
import { packBiases } from '../../src/gpu/bake-decoder.js';
import type { ExactShape } from '../../src/gpu/bricks/brick-field.js';
import { packWeights } from '../../src/gpu/buffered-decoder.js';
import type { DistanceGridFiller } from '../../src/gpu/distance-grid.js';
import { deviceOf } from '../device.js';
import { EditBuffers } from '../editing/edit-buffers.js';
import { ShapeBricks } from './shape-bricks.js';
import { ShapeStorage } from './shape-storage.js';
import type { SharedDecoder } from './shared-decoder.js';
import { resourceOf } from './storage.js';
import { type TraceStatus, traceStatusOf } from './trace-status.js';

/**
 * A mesh's data on the GPU: its table of biases (and a live decoder's weights, or bricks) and its grid of free leaps. A latent edit
 * rewrites both and nothing else. Instances with latent codes of their own have a slot each behind the mesh's own, slot 0.
 */
export class ShapeBuffers {
  /** Notified when `status` changed. */
  readonly onStatusObservable = new Observable<void>();
  /** Notified when edits can be traced for the first time, which asks for another shader. */
  readonly onEditableObservable = new Observable<void>();
  /** Counts what was written: the same number, the same shape. */
  version = 0;
  /** Whether the table was last written by somebody else: then only they know the weights that are traced. */
  isTrainedElsewhere = false;
  private _hasFailed = false;
  private readonly _storage: ShapeStorage;
  private readonly _folded: Float32Array;
  private readonly _packed: Float32Array<ArrayBuffer>;
  private _filler: DistanceGridFiller | undefined;
  private readonly _bricks: ShapeBricks | undefined;
  private _edits: EditBuffers | undefined;
  /** By slot, [codeLength] each; undefined where a slot is free. */
  private readonly _latents: (Float32Array | undefined)[];
  /** Of `prepareAsync`: a lost device begins another. */
  private _attempts = 0;
  /** Weights that the slots were written by. */
  private _writtenBy: FoldedDecoder | undefined;
  private readonly _restored: Observer<AbstractEngine>;

  /** @param latent [codeLength] */
  constructor(
    readonly decoder: SharedDecoder,
    latent: Float32Array,
  ) {
    const { engine, folded, tableBytes } = decoder;
    this._storage = new ShapeStorage(decoder);
    this._folded = new Float32Array(folded.biasCount);
    this._packed = new Float32Array(decoder.bake.form === 'bricks' ? 0 : tableBytes / 4);
    this._latents = [latent];
    if (decoder.bake.form === 'bricks') {
      const statusChanged = () => this.onStatusObservable.notifyObservers();
      this._bricks = new ShapeBricks(decoder, this._storage, { tableWritten: () => this.fill(() => {}), statusChanged });
    }
    // Babylon makes a lost device's buffers again, empty.
    this._restored = engine.onContextRestoredObservable.add(() => {
      this._bricks?.dispose();
      this.prepareAsync().catch((error: unknown) => {
        Logger.Error(`babylon-neural-sdf: a shape was not restored, and is shown baked: ${error}`);
        this.onStatusObservable.notifyObservers();
      });
    });
  }

  /** Compiles what fills the grid, and fills it. Until then there is nothing to trace. */
  async prepareAsync(): Promise<void> {
    const attempt = ++this._attempts;
    this._hasFailed = false;
    this._bricks?.forgive();
    try {
      await this._prepareAsync();
    } catch (error) {
      if (attempt !== this._attempts) return;
      this._hasFailed = true;
      throw error;
    }
  }

  private async _prepareAsync(): Promise<void> {
    const { decoder } = this;
    const [filler, tools] = await Promise.all([decoder.filler, this._bricks && decoder.bricks, this._edits?.prepareAsync()]);
    // One that was being compiled when its device was lost; the next is under way.
    if (this.isDisposed || filler.device !== deviceOf(decoder.engine)) return;
    this._filler = filler;
    if (tools) this._bricks?.open(tools);
    this._refresh();
  }

  /** Writes every slot anew. */
  private _refresh(): void {
    this._writtenBy = this.decoder.folded;
    for (const [slot, latent] of this._latents.entries()) if (latent) this.update(latent, slot);
  }

  /** Of bricks, another one may take its place whenever they become finer; of slots, when there are more. */
  get table(): StorageBuffer {
    return this._storage.table;
  }

  get grid(): StorageBuffer {
    return this._storage.grid;
  }

  /** Whether there is room for more than the mesh's own latent code: the shader then finds each instance's slot. */
  get isSlotted(): boolean {
    return this._storage.slots > 1;
  }

  /** Whether what fills the grid belongs to the engine's present device. */
  private get _hasDevice(): boolean {
    return this._filler?.device === deviceOf(this.decoder.engine);
  }

  /** Whether what there is cannot be traced: a shader did not compile, there was no room, or bricks were not filled, which the next edit tries again. */
  get hasFailed(): boolean {
    return this._hasFailed || this._bricks?.hasFailed === true;
  }

  /** Whether there is a shape to trace. */
  get isReady(): boolean {
    return this._hasDevice && !this.hasFailed && (!this._bricks || (this._bricks.status?.resolution ?? 0) > 0);
  }

  /** What the shader of edited shapes is given; undefined until there are edits, and the grid's shader for them has been compiled. */
  get edits(): EditBuffers | undefined {
    return this._edits?.wasPrepared ? this._edits : undefined;
  }

  /** Whether the edits, if there are any, can be traced. */
  get areEditsReady(): boolean {
    return !this._edits || this._edits.isReady;
  }

  /**
   * Queues an upload and the refill of every slot's grid. The first time, a compute shader is compiled before, and the mesh stays as it is
   * until then.
   * @returns when the edits are on the GPU
   * @throws NeuralSdfError INVALID_ARGUMENT when the GPU has no room for the grids of so many different latent codes
   */
  async setEdits(plan: EditPlan): Promise<void> {
    if (this._edits) {
      this._edits.plan = plan;
      this._fillEdited();
      return;
    }
    try {
      this._storage.checkRoom(this._storage.slots, this.decoder.slotStrides.editedGrid);
      this._edits = new EditBuffers(this.decoder, plan, this._storage.slots);
      await this._edits.prepareAsync();
    } catch (error) {
      // Where the shape itself could not be traced, that was said.
      if (this._hasFailed) return;
      this._hasFailed = true;
      throw error;
    }
    if (this.isDisposed) return;
    this._fillEdited();
    this.onEditableObservable.notifyObservers();
  }

  /** What tracing in compute binds; of edited shapes, their own grid. */
  get resources(): { readonly table: GPUBuffer; readonly grid: GPUBuffer; readonly edits?: GPUBuffer } {
    const { edits } = this;
    if (!edits) return { table: resourceOf(this.table), grid: resourceOf(this.grid) };
    return { table: resourceOf(this.table), grid: resourceOf(edits.grid), edits: resourceOf(edits.edits) };
  }

  /** What hits in bricks are refined by, once these are complete; of edited shapes, whose surface is not the decoder's alone, nothing. */
  get exact(): ExactShape | undefined {
    return this._edits || !this.isReady ? undefined : this._bricks?.exact;
  }

  private _fillEdited(): void {
    if (!this._hasDevice || !this._edits?.isReady) return;
    if (this._writtenBy !== this.decoder.folded && !this.isTrainedElsewhere) {
      // Another mesh has exchanged a live decoder's weights, and operands are folded by those: the shape goes with them.
      this._refresh();
      return;
    }
    this.version++;
    this._edits.upload();
    for (const [slot, latent] of this._latents.entries()) if (latent) this._edits.fill(resourceOf(this.table), slot);
  }

  get isDisposed(): boolean {
    return this._storage.isDisposed;
  }

  get status(): TraceStatus {
    return traceStatusOf(this.decoder.bake, this.isReady, this._bricks?.status);
  }

  /**
   * Queues the upload of a latent code: a multiply-add per weight column of it, one small write, four small dispatches. Bricks are filled
   * from coarse to fine, over the frames to come.
   * @param latent [codeLength]
   * @param slot below what was reserved; default the mesh's own
   * @throws NeuralSdfError LATENT_LENGTH, NOT_FINITE
   */
  update(latent: Float32Array, slot = 0): void {
    const { decoder } = this;
    if (this._bricks) {
      this._latents[0] = latent;
      this._bricks.start(latent);
      return;
    }
    this._latents[slot] = latent;
    if (this._filler && this._writtenBy !== decoder.folded) {
      // Slots share one copy of a live decoder's weights: all of them change over together.
      this._refresh();
      return;
    }
    if (slot === 0) this.isTrainedElsewhere = false;
    packBiases(decoder.folded, foldBiases(decoder.decoder, latent, this._folded), this._packed);
    if (decoder.live) packWeights(decoder.folded, this._packed.subarray(4 * decoder.baked.biasVectors));
    const offset = slot * decoder.slotStrides.table;
    this.fill((table) => deviceOf(decoder.engine).queue.writeBuffer(table, offset, this._packed), slot);
  }

  /** Why no latent code but the mesh's own can be traced; undefined where one can. */
  get refusesOtherCodes(): string | undefined {
    if (this._bricks) {
      return 'a decoder that is traced by its bricks shows one latent code a mesh: take primitives for operands, and a mesh for each shape';
    }
    return this.isTrainedElsewhere
      ? 'the weights of updateTable are known to the GPU alone: call updateDecoder before you show other codes'
      : undefined;
  }

  /** Whether any instance has a latent code of its own. */
  get hasInstanceLatents(): boolean {
    return this._latents.some((latent, slot) => slot > 0 && latent !== undefined);
  }

  /**
   * Has somebody else write the table, such as a decoder in training on the same device, and refills the grid.
   * @param write queues the writing of the table
   */
  writeTable(write: (table: GPUBuffer) => void): void {
    this.fill(write);
    this.isTrainedElsewhere = true;
  }

  /**
   * Refills a slot's grid for what its table is then.
   * @param write queues the writing of the table
   */
  fill(write: (table: GPUBuffer) => void, slot = 0): void {
    if (!this._filler || !this._hasDevice) return;
    this.version++;
    const table = resourceOf(this.table);
    write(table);
    if (this._edits?.isReady) {
      // With the mesh's own comes whatever the decoder's weights have become.
      if (slot === 0) this._edits.upload();
      this._edits.fill(table, slot);
      return;
    }
    const strides = this.decoder.slotStrides;
    this._filler.fill(table, resourceOf(this.grid), undefined, { biases: slot * strides.table, grid: slot * strides.grid });
  }

  /**
   * Makes room for so many slots; what is there stays. Room doubles as it grows.
   * @throws NeuralSdfError INVALID_ARGUMENT beyond the device's largest binding
   */
  reserve(slots: number): void {
    if (slots <= this._storage.slots) return;
    this._storage.reserveSlots(slots, this._edits !== undefined);
    this._edits?.reserve(this._storage.slots);
  }

  /** The slot's latent code is nobody's any more: it is not written again until `update`. */
  free(slot: number): void {
    this._latents[slot] = undefined;
  }

  dispose(): void {
    this._bricks?.dispose();
    this.onStatusObservable.clear();
    this.decoder.engine.onContextRestoredObservable.remove(this._restored);
    this._storage.dispose();
    this._edits?.dispose();
    this.onEditableObservable.clear();
  }
}
