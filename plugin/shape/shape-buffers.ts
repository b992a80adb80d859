import { StorageBuffer } from '@babylonjs/core/Buffers/storageBuffer.js';
import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { Observable, type Observer } from '@babylonjs/core/Misc/observable.js';
import { foldBiases } from '../../src/decoder/folding.js';
import type { EditPlan } from '../../src/editing/edit-plan.js';
import { NeuralSdfError } from '../../src/errors.js';
import { packBiases } from '../../src/gpu/bake-decoder.js';
import { BrickField } from '../../src/gpu/bricks/brick-field.js';
import { packWeights } from '../../src/gpu/buffered-decoder.js';
import type { DistanceGridFiller } from '../../src/gpu/distance-grid.js';
import { deviceOf } from '../device.js';
import { EditBuffers } from '../editing/edit-buffers.js';
import { brickSettings } from './brick-tools.js';
import type { SharedDecoder } from './shared-decoder.js';
import { type TraceStatus, traceStatusOf } from './trace-status.js';

const COPYABLE = 3; // Constants.BUFFER_CREATIONFLAG_READWRITE: written by edits, read when the slots outgrow it

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
  private _table: StorageBuffer;
  private _tableBytes: number;
  private _grid: StorageBuffer;
  private readonly _folded: Float32Array;
  private readonly _packed: Float32Array<ArrayBuffer>;
  private _filler: DistanceGridFiller | undefined;
  private _bricks: BrickField | undefined;
  private _edits: EditBuffers | undefined;
  /** By slot, [codeLength] each. */
  private readonly _latents: Float32Array[];
  private _capacity = 1;
  private readonly _restored: Observer<AbstractEngine>;

  /** @param latent [codeLength] */
  constructor(
    readonly decoder: SharedDecoder,
    latent: Float32Array,
  ) {
    const { engine, folded, tableBytes, gridBytes } = decoder;
    this._table = new StorageBuffer(engine, tableBytes, COPYABLE, 'neural-sdf table');
    this._tableBytes = tableBytes;
    this._grid = new StorageBuffer(engine, gridBytes, COPYABLE, 'neural-sdf grid');
    this._folded = new Float32Array(folded.biasCount);
    this._packed = new Float32Array(decoder.bake.form === 'bricks' ? 0 : tableBytes / 4);
    this._latents = [latent];
    // Babylon makes a lost device's buffers again, empty.
    this._restored = engine.onContextRestoredObservable.add(() => {
      this._bricks?.dispose();
      this._bricks = undefined;
      this.prepareAsync().catch((error: unknown) => Logger.Error(`babylon-neural-sdf: a shape was not restored: ${error}`));
    });
  }

  /** Compiles what fills the grid, and fills it. Until then there is nothing to trace. */
  async prepareAsync(): Promise<void> {
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
    for (const [slot, latent] of this._latents.entries()) this.update(latent, slot);
  }

  /** Of bricks, another one may take its place whenever they become finer; of slots, when there are more. */
  get table(): StorageBuffer {
    return this._table;
  }

  get grid(): StorageBuffer {
    return this._grid;
  }

  /**
   * Whether there is room for more than the mesh's own latent code: the shader then finds each instance's slot. Instances of an edited
   * mesh show the edited shape.
   */
  get isSlotted(): boolean {
    return this._capacity > 1 && !this.edits;
  }

  /** Whether what fills the grid belongs to the engine's present device. */
  private get _hasDevice(): boolean {
    return this._filler?.device === deviceOf(this.decoder.engine);
  }

  /** Whether there is a shape to trace. */
  get isReady(): boolean {
    return this._hasDevice && (this.decoder.bake.form !== 'bricks' || (this._bricks?.status.resolution ?? 0) > 0);
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
   * Queues an upload and the refill of the grid. The first time, a compute shader is compiled before, and the mesh stays as it is until then.
   * @returns when the edits are on the GPU
   */
  async setEdits(plan: EditPlan): Promise<void> {
    if (this._edits) {
      this._edits.plan = plan;
      this.fill(() => {});
      return;
    }
    this._edits = new EditBuffers(this.decoder, plan);
    await this._edits.prepareAsync();
    if (this.isDisposed) return;
    this.fill(() => {});
    this.onEditableObservable.notifyObservers();
  }

  /** What tracing in compute binds; of edited shapes, their own grid. */
  get resources(): { readonly table: GPUBuffer; readonly grid: GPUBuffer; readonly edits?: GPUBuffer } {
    const { edits } = this;
    if (!edits) return { table: resourceOf(this._table), grid: resourceOf(this._grid) };
    return { table: resourceOf(this._table), grid: resourceOf(edits.grid), edits: resourceOf(edits.edits) };
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
    packBiases(decoder.folded, foldBiases(decoder.decoder, latent, this._folded), this._packed);
    if (decoder.live) packWeights(decoder.folded, this._packed.subarray(4 * decoder.baked.biasVectors));
    this._latents[slot] = latent;
    const offset = slot * decoder.slotStrides.table;
    this.fill((table) => deviceOf(decoder.engine).queue.writeBuffer(table, offset, this._packed), slot);
  }

  /**
   * Refills the grid for a table that somebody else writes, such as a decoder in training on the same device.
   * @param write queues the writing of the table
   */
  fill(write: (table: GPUBuffer) => void, slot = 0): void {
    if (!this._filler || !this._hasDevice) return;
    this.version++;
    const table = resourceOf(this._table);
    write(table);
    if (slot === 0 && this._edits?.isReady) {
      this._edits.fill(table);
      return;
    }
    const strides = this.decoder.slotStrides;
    this._filler.fill(table, resourceOf(this._grid), undefined, { biases: slot * strides.table, grid: slot * strides.grid });
  }

  /**
   * Makes room for so many slots; what is there stays. Room doubles as it grows.
   * @throws NeuralSdfError INVALID_ARGUMENT beyond the device's largest binding, and for bricks
   */
  reserve(slots: number): void {
    if (slots <= this._capacity) return;
    if (this.decoder.bake.form === 'bricks') {
      throw new NeuralSdfError(
        'INVALID_ARGUMENT',
        'a decoder this wide is traced by its bricks, of one latent code a mesh: make each shape a mesh',
      );
    }
    const { engine, slotStrides } = this.decoder;
    const most = Math.floor(deviceOf(engine).limits.maxStorageBufferBindingSize / Math.max(slotStrides.grid, slotStrides.table));
    if (slots > most) {
      throw new NeuralSdfError('INVALID_ARGUMENT', `instances with ${slots} different latent codes: this GPU has room for ${most}`, {
        slots,
        most,
      });
    }
    this._capacity = Math.min(most, Math.max(4, slots, 2 * this._capacity));
    this._table = this._grow(this._table, this._capacity * slotStrides.table, 'neural-sdf table');
    this._grid = this._grow(this._grid, this._capacity * slotStrides.grid, 'neural-sdf grid');
  }

  private _grow(old: StorageBuffer, bytes: number, label: string): StorageBuffer {
    const { engine } = this.decoder;
    const grown = new StorageBuffer(engine, bytes, COPYABLE, label);
    const device = deviceOf(engine);
    const encoder = device.createCommandEncoder({ label });
    const [from, to] = [resourceOf(old), resourceOf(grown)];
    encoder.copyBufferToBuffer(from, 0, to, 0, Math.min(from.size, to.size));
    device.queue.submit([encoder.finish()]);
    old.dispose();
    return grown;
  }

  private _brickHost(): ConstructorParameters<typeof BrickField>[2] {
    const { engine } = this.decoder;
    const { maxStorageBufferBindingSize, maxBufferSize } = deviceOf(engine).limits;
    return {
      mostBytes: Math.min(MOST_TABLE_BYTES, maxStorageBufferBindingSize, maxBufferSize),
      reserve: (bytes) => {
        if (bytes > this._tableBytes) {
          this._table.dispose();
          this._table = new StorageBuffer(engine, bytes, COPYABLE, 'neural-sdf table');
          this._tableBytes = bytes;
        }
        return this._table.getBuffer().underlyingResource as GPUBuffer;
      },
      tableWritten: () => this.fill(() => {}),
      statusChanged: () => this.onStatusObservable.notifyObservers(),
      failed: (error) => Logger.Error(`babylon-neural-sdf: bricks were not filled: ${error}`),
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

function resourceOf(buffer: StorageBuffer): GPUBuffer {
  return buffer.getBuffer().underlyingResource as GPUBuffer;
}
