import { StorageBuffer } from '@babylonjs/core/Buffers/storageBuffer.js';
import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import type { Observer } from '@babylonjs/core/Misc/observable.js';
import { foldBiases } from '../src/decoder/folding.js';
import { NeuralSdfError } from '../src/errors.js';
import { packBiases } from '../src/gpu/bake-decoder.js';
import { packWeights } from '../src/gpu/buffered-decoder.js';
import type { DistanceGridFiller } from '../src/gpu/distance-grid.js';
import { deviceOf } from './device.js';
import type { SharedDecoder } from './shared-decoder.js';

const COPYABLE = 3; // Constants.BUFFER_CREATIONFLAG_READWRITE: written by edits, read when the slots outgrow it

/**
 * A mesh's data on the GPU: its table of biases (and a live decoder's weights) and its grid of free leaps. A latent edit rewrites both
 * and nothing else. Instances with latent codes of their own have a slot each behind the mesh's own, slot 0.
 */
export class ShapeBuffers {
  private _table: StorageBuffer;
  private _grid: StorageBuffer;
  private readonly _folded: Float32Array;
  private readonly _packed: Float32Array<ArrayBuffer>;
  private _filler: DistanceGridFiller | undefined;
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
    this._grid = new StorageBuffer(engine, gridBytes, COPYABLE, 'neural-sdf grid');
    this._folded = new Float32Array(folded.biasCount);
    this._packed = new Float32Array(tableBytes / 4);
    this._latents = [latent];
    // Babylon makes a lost device's buffers again, empty.
    this._restored = engine.onContextRestoredObservable.add(() => {
      this._filler = undefined;
      void this.prepareAsync();
    });
  }

  /** Compiles what fills the grid, and fills it. Until then there is nothing to trace. */
  async prepareAsync(): Promise<void> {
    const filler = await this.decoder.filler;
    if (this.isDisposed) return;
    this._filler = filler;
    for (const [slot, latent] of this._latents.entries()) this.update(latent, slot);
  }

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

  /** Whether the grid holds the latent code's shape. */
  get isReady(): boolean {
    return this._filler !== undefined;
  }

  get isDisposed(): boolean {
    return this._table.getBuffer() === null;
  }

  /**
   * Queues the upload of a latent code: a multiply-add per weight column of it, one small write, four small dispatches.
   * @param latent [codeLength]
   * @param slot below what was reserved; default the mesh's own
   * @throws NeuralSdfError LATENT_LENGTH, NOT_FINITE
   */
  update(latent: Float32Array, slot = 0): void {
    const { decoder } = this;
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
    if (!this._filler) return;
    const table = resourceOf(this._table);
    write(table);
    const strides = this.decoder.slotStrides;
    this._filler.fill(table, resourceOf(this._grid), { biases: slot * strides.table, grid: slot * strides.grid });
  }

  /**
   * Makes room for so many slots; what is there stays. Room doubles as it grows.
   * @throws NeuralSdfError INVALID_ARGUMENT beyond the device's largest binding
   */
  reserve(slots: number): void {
    if (slots <= this._capacity) return;
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

  dispose(): void {
    this.decoder.engine.onContextRestoredObservable.remove(this._restored);
    this._table.dispose();
    this._grid.dispose();
  }
}

function resourceOf(buffer: StorageBuffer): GPUBuffer {
  return buffer.getBuffer().underlyingResource as GPUBuffer;
}
