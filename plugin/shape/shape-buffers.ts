import type { StorageBuffer } from '@babylonjs/core/Buffers/storageBuffer.js';
import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { Observable, type Observer } from '@babylonjs/core/Misc/observable.js';
import { type FoldedDecoder, foldBiases } from '../../src/decoder/folding.js';
import type { EditPlan } from '../../src/editing/edit-plan.js';
import { NeuralSdfError } from '../../src/errors.js';
import { packBiases } from '../../src/gpu/bake-decoder.js';
import { BrickField, type ExactShape } from '../../src/gpu/bricks/brick-field.js';
import { packWeights } from '../../src/gpu/buffered-decoder.js';
import type { DistanceGridFiller } from '../../src/gpu/distance-grid.js';
import { deviceOf } from '../device.js';
import { EditBuffers } from '../editing/edit-buffers.js';
import { brickSettings } from './brick-tools.js';
import type { SharedDecoder } from './shared-decoder.js';
import { createStorage, growStorage, resourceOf } from './storage.js';
import { type TraceStatus, traceStatusOf } from './trace-status.js';

const TABLE_LABEL = 'neural-sdf table';
const GRID_LABEL = 'neural-sdf grid';

/** Of one shape's bricks: some 20,000 of them at their finest. */
const MOST_TABLE_BYTES = 256 * 2 ** 20;

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
  /** Whether what there is cannot be traced: a shader did not compile, or there was no room. */
  hasFailed = false;
  private _table: StorageBuffer;
  private _tableBytes: number;
  private _grid: StorageBuffer;
  private readonly _folded: Float32Array;
  private readonly _packed: Float32Array<ArrayBuffer>;
  private _filler: DistanceGridFiller | undefined;
  private _bricks: BrickField | undefined;
  private _edits: EditBuffers | undefined;
  /** By slot, [codeLength] each; undefined where a slot is free. */
  private readonly _latents: (Float32Array | undefined)[];
  private _capacity = 1;
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
    const { engine, folded, tableBytes, gridBytes } = decoder;
    this._table = createStorage(engine, tableBytes, TABLE_LABEL);
    this._tableBytes = tableBytes;
    this._grid = createStorage(engine, gridBytes, GRID_LABEL);
    this._folded = new Float32Array(folded.biasCount);
    this._packed = new Float32Array(decoder.bake.form === 'bricks' ? 0 : tableBytes / 4);
    this._latents = [latent];
    // Babylon makes a lost device's buffers again, empty.
    this._restored = engine.onContextRestoredObservable.add(() => {
      this._bricks?.dispose();
      this._bricks = undefined;
      this.prepareAsync().catch((error: unknown) => {
        Logger.Error(`babylon-neural-sdf: a shape was not restored, and is shown baked: ${error}`);
        this.onStatusObservable.notifyObservers();
      });
    });
  }

  /** Compiles what fills the grid, and fills it. Until then there is nothing to trace. */
  async prepareAsync(): Promise<void> {
    const attempt = ++this._attempts;
    this.hasFailed = false;
    try {
      await this._prepareAsync();
    } catch (error) {
      if (attempt !== this._attempts) return;
      this.hasFailed = true;
      throw error;
    }
  }

  private async _prepareAsync(): Promise<void> {
    const { decoder } = this;
    const [filler, tools] = await Promise.all([
      decoder.filler,
      decoder.bake.form === 'bricks' ? decoder.bricks : undefined,
      this._edits?.prepareAsync(),
    ]);
    // One that was being compiled when its device was lost; the next is under way.
    if (this.isDisposed || filler.device !== deviceOf(decoder.engine)) return;
    this._filler = filler;
    if (tools) this._bricks = new BrickField(tools, brickSettings(decoder), this._brickHost());
    this._refresh();
  }

  /** Writes every slot anew. */
  private _refresh(): void {
    this._writtenBy = this.decoder.folded;
    for (const [slot, latent] of this._latents.entries()) if (latent) this.update(latent, slot);
  }

  /** Of bricks, another one may take its place whenever they become finer; of slots, when there are more. */
  get table(): StorageBuffer {
    return this._table;
  }

  get grid(): StorageBuffer {
    return this._grid;
  }

  /** Whether there is room for more than the mesh's own latent code: the shader then finds each instance's slot. */
  get isSlotted(): boolean {
    return this._capacity > 1;
  }

  /** Whether what fills the grid belongs to the engine's present device. */
  private get _hasDevice(): boolean {
    return this._filler?.device === deviceOf(this.decoder.engine);
  }

  /** Whether there is a shape to trace. */
  get isReady(): boolean {
    return this._hasDevice && !this.hasFailed && (this.decoder.bake.form !== 'bricks' || (this._bricks?.status.resolution ?? 0) > 0);
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
      this._checkRoom(this._capacity, this.decoder.slotStrides.editedGrid);
      this._edits = new EditBuffers(this.decoder, plan, this._capacity);
      await this._edits.prepareAsync();
    } catch (error) {
      // Where the shape itself could not be traced, that was said.
      if (this.hasFailed) return;
      this.hasFailed = true;
      throw error;
    }
    if (this.isDisposed) return;
    this._fillEdited();
    this.onEditableObservable.notifyObservers();
  }

  /** What tracing in compute binds; of edited shapes, their own grid. */
  get resources(): { readonly table: GPUBuffer; readonly grid: GPUBuffer; readonly edits?: GPUBuffer } {
    const { edits } = this;
    if (!edits) return { table: resourceOf(this._table), grid: resourceOf(this._grid) };
    return { table: resourceOf(this._table), grid: resourceOf(edits.grid), edits: resourceOf(edits.edits) };
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
    for (const [slot, latent] of this._latents.entries()) if (latent) this._edits.fill(resourceOf(this._table), slot);
  }

  get isDisposed(): boolean {
    return this._table.getBuffer() === null;
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
    if (decoder.bake.form === 'bricks') {
      this._latents[0] = latent;
      this._bricks?.start(latent);
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
    if (this.decoder.bake.form === 'bricks') {
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
    const table = resourceOf(this._table);
    write(table);
    if (this._edits?.isReady) {
      // With the mesh's own comes whatever the decoder's weights have become.
      if (slot === 0) this._edits.upload();
      this._edits.fill(table, slot);
      return;
    }
    const strides = this.decoder.slotStrides;
    this._filler.fill(table, resourceOf(this._grid), undefined, { biases: slot * strides.table, grid: slot * strides.grid });
  }

  /**
   * Makes room for so many slots; what is there stays. Room doubles as it grows.
   * @throws NeuralSdfError INVALID_ARGUMENT beyond the device's largest binding
   */
  reserve(slots: number): void {
    if (slots <= this._capacity) return;
    const { engine, slotStrides } = this.decoder;
    const most = this._checkRoom(slots, Math.max(slotStrides.grid, slotStrides.table, this._edits ? slotStrides.editedGrid : 0));
    this._capacity = Math.min(most, Math.max(4, slots, 2 * this._capacity));
    this._table = growStorage(engine, this._table, this._capacity * slotStrides.table, TABLE_LABEL);
    this._grid = growStorage(engine, this._grid, this._capacity * slotStrides.grid, GRID_LABEL);
    this._edits?.reserve(this._capacity);
  }

  /** The slot's latent code is nobody's any more: it is not written again until `update`. */
  free(slot: number): void {
    this._latents[slot] = undefined;
  }

  /**
   * @param stride bytes from one slot to the next
   * @returns how many slots fit
   */
  private _checkRoom(slots: number, stride: number): number {
    const { maxStorageBufferBindingSize, maxBufferSize } = deviceOf(this.decoder.engine).limits;
    const most = Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / stride);
    if (slots <= most) return most;
    // One is the mesh's own.
    throw new NeuralSdfError(
      'INVALID_ARGUMENT',
      `instances with ${slots - 1} different latent codes: this GPU has room for ${most - 1}; give some of them the same code, or make a second mesh`,
      { slots, most },
    );
  }

  private _brickHost(): ConstructorParameters<typeof BrickField>[2] {
    const { engine } = this.decoder;
    const { maxStorageBufferBindingSize, maxBufferSize } = deviceOf(engine).limits;
    return {
      mostBytes: Math.min(MOST_TABLE_BYTES, maxStorageBufferBindingSize, maxBufferSize),
      reserve: (bytes) => {
        if (bytes > this._tableBytes) {
          this._table.dispose();
          this._table = createStorage(engine, bytes, TABLE_LABEL);
          this._tableBytes = bytes;
        }
        return resourceOf(this._table);
      },
      tableWritten: () => this.fill(() => {}),
      statusChanged: () => this.onStatusObservable.notifyObservers(),
      failed: (error) => {
        this.hasFailed = !this._bricks?.status.resolution;
        const shown = this.hasFailed ? 'a baked mesh is' : 'coarser ones are';
        Logger.Error(`babylon-neural-sdf: bricks were not filled, and ${shown} shown: ${error}`);
        this.onStatusObservable.notifyObservers();
      },
    };
  }

  dispose(): void {
    this._bricks?.dispose();
    this.onStatusObservable.clear();
    this.decoder.engine.onContextRestoredObservable.remove(this._restored);
    this._table.dispose();
    this._grid.dispose();
    this._edits?.dispose();
    this.onEditableObservable.clear();
  }
}
