import { StorageBuffer } from '@babylonjs/core/Buffers/storageBuffer.js';
import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import type { Observer } from '@babylonjs/core/Misc/observable.js';
import { foldBiases } from '../src/decoder/folding.js';
import { packBiases } from '../src/gpu/bake-decoder.js';
import { packWeights } from '../src/gpu/buffered-decoder.js';
import type { DistanceGridFiller } from '../src/gpu/distance-grid.js';
import { deviceOf } from './device.js';
import type { SharedDecoder } from './shared-decoder.js';

const WRITABLE = 2; // Constants.BUFFER_CREATIONFLAG_WRITE

/** One shape's data on the GPU: its table of biases (and a live decoder's weights) and its grid of free leaps. A latent edit rewrites both and nothing else. */
export class ShapeBuffers {
  readonly table: StorageBuffer;
  readonly grid: StorageBuffer;
  private readonly _folded: Float32Array;
  private readonly _packed: Float32Array<ArrayBuffer>;
  private _filler: DistanceGridFiller | undefined;
  private _latent: Float32Array;
  private readonly _restored: Observer<AbstractEngine>;

  /** @param latent [codeLength] */
  constructor(
    readonly decoder: SharedDecoder,
    latent: Float32Array,
  ) {
    const { engine, folded, tableBytes, gridBytes } = decoder;
    this.table = new StorageBuffer(engine, tableBytes, WRITABLE, 'neural-sdf table');
    this.grid = new StorageBuffer(engine, gridBytes, WRITABLE, 'neural-sdf grid');
    this._folded = new Float32Array(folded.biasCount);
    this._packed = new Float32Array(tableBytes / 4);
    this._latent = latent;
    // Babylon makes a lost device's buffers again, empty.
    this._restored = engine.onContextRestoredObservable.add(() => {
      this.prepareAsync().catch((error: unknown) => Logger.Error(`babylon-neural-sdf: a shape was not restored: ${error}`));
    });
  }

  /** Compiles what fills the grid, and fills it. Until then there is nothing to trace. */
  async prepareAsync(): Promise<void> {
    const filler = await this.decoder.filler;
    // One that was being compiled when its device was lost; the next is under way.
    if (this.isDisposed || filler.device !== deviceOf(this.decoder.engine)) return;
    this._filler = filler;
    this.update(this._latent);
  }

  /** Whether the grid holds the latent code's shape. */
  get isReady(): boolean {
    return this._filler?.device === deviceOf(this.decoder.engine);
  }

  get isDisposed(): boolean {
    return this.table.getBuffer() === null;
  }

  /**
   * Queues the upload of a latent code: a multiply-add per weight column of it, one small write, four small dispatches.
   * @param latent [codeLength]
   * @throws NeuralSdfError LATENT_LENGTH, NOT_FINITE
   */
  update(latent: Float32Array): void {
    const { decoder } = this;
    packBiases(decoder.folded, foldBiases(decoder.decoder, latent, this._folded), this._packed);
    if (decoder.live) packWeights(decoder.folded, this._packed.subarray(4 * decoder.baked.biasVectors));
    this._latent = latent;
    this.fill((table) => deviceOf(decoder.engine).queue.writeBuffer(table, 0, this._packed));
  }

  /**
   * Refills the grid for a table that somebody else writes, such as a decoder in training on the same device.
   * @param write queues the writing of the table
   */
  fill(write: (table: GPUBuffer) => void): void {
    if (!this._filler || !this.isReady) return;
    const table = this.table.getBuffer().underlyingResource as GPUBuffer;
    write(table);
    this._filler.fill(table, this.grid.getBuffer().underlyingResource as GPUBuffer);
  }

  dispose(): void {
    this.decoder.engine.onContextRestoredObservable.remove(this._restored);
    this.table.dispose();
    this.grid.dispose();
  }
}
