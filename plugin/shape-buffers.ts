import { StorageBuffer } from '@babylonjs/core/Buffers/storageBuffer.js';
import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { Observable, type Observer } from '@babylonjs/core/Misc/observable.js';
import { foldBiases } from '../src/decoder/folding.js';
import { packBiases } from '../src/gpu/bake-decoder.js';
import { BrickField } from '../src/gpu/bricks/brick-field.js';
import { packWeights } from '../src/gpu/buffered-decoder.js';
import type { DistanceGridFiller } from '../src/gpu/distance-grid.js';
import { brickSettings } from './brick-tools.js';
import { deviceOf } from './device.js';
import type { SharedDecoder } from './shared-decoder.js';
import { type TraceStatus, traceStatusOf } from './trace-status.js';

const WRITABLE = 2; // Constants.BUFFER_CREATIONFLAG_WRITE

/** Of one shape's bricks: some 20,000 of them at their finest. */
const MOST_TABLE_BYTES = 256 * 2 ** 20;

/** One shape's data on the GPU: its table of biases (and a live decoder's weights) and its grid of free leaps. A latent edit rewrites both and nothing else. */
export class ShapeBuffers {
  /** Notified when `status` changed. */
  readonly onStatusObservable = new Observable<void>();
  private _table: StorageBuffer;
  private _tableBytes: number;
  private _bricks: BrickField | undefined;
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
    this._table = new StorageBuffer(engine, tableBytes, WRITABLE, 'neural-sdf table');
    this._tableBytes = tableBytes;
    this.grid = new StorageBuffer(engine, gridBytes, WRITABLE, 'neural-sdf grid');
    this._folded = new Float32Array(folded.biasCount);
    this._packed = new Float32Array(decoder.bake.form === 'bricks' ? 0 : tableBytes / 4);
    this._latent = latent;
    // Babylon makes a lost device's buffers again, empty.
    this._restored = engine.onContextRestoredObservable.add(() => {
      this._filler = undefined;
      this._bricks?.dispose();
      this._bricks = undefined;
      void this.prepareAsync();
    });
  }

  /** Compiles what fills the grid, and fills it. Until then there is nothing to trace. */
  async prepareAsync(): Promise<void> {
    const { decoder } = this;
    const [filler, tools] = await Promise.all([decoder.filler, decoder.bake.form === 'bricks' ? decoder.bricks : undefined]);
    if (this.isDisposed) return;
    this._filler = filler;
    if (tools) this._bricks = new BrickField(tools, brickSettings(decoder), this._brickHost());
    this.update(this._latent);
  }

  /** Whether there is a shape to trace. */
  get isReady(): boolean {
    return this._filler !== undefined && (this.decoder.bake.form !== 'bricks' || (this._bricks?.status.resolution ?? 0) > 0);
  }

  get isDisposed(): boolean {
    return this._table.getBuffer() === null;
  }

  /** Of bricks, another one may take its place whenever they become finer. */
  get table(): StorageBuffer {
    return this._table;
  }

  get status(): TraceStatus {
    return traceStatusOf(this.decoder.bake, this.isReady, this._bricks?.status);
  }

  /**
   * Queues the upload of a latent code: a multiply-add per weight column of it, one small write, four small dispatches. Bricks are filled
   * from coarse to fine, over the frames to come.
   * @param latent [codeLength]
   * @throws NeuralSdfError LATENT_LENGTH, NOT_FINITE
   */
  update(latent: Float32Array): void {
    const { decoder } = this;
    if (decoder.bake.form === 'bricks') {
      this._latent = latent;
      this._bricks?.start(latent);
      return;
    }
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
    if (!this._filler) return;
    const table = this.table.getBuffer().underlyingResource as GPUBuffer;
    write(table);
    this._filler.fill(table, this.grid.getBuffer().underlyingResource as GPUBuffer);
  }

  private _brickHost(): ConstructorParameters<typeof BrickField>[2] {
    const { engine } = this.decoder;
    const { maxStorageBufferBindingSize, maxBufferSize } = deviceOf(engine).limits;
    return {
      mostBytes: Math.min(MOST_TABLE_BYTES, maxStorageBufferBindingSize, maxBufferSize),
      reserve: (bytes) => {
        if (bytes > this._tableBytes) {
          this._table.dispose();
          this._table = new StorageBuffer(engine, bytes, WRITABLE, 'neural-sdf table');
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
    this.table.dispose();
    this.grid.dispose();
  }
}
