import { StorageBuffer } from '@babylonjs/core/Buffers/storageBuffer.js';
import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import type { Observer } from '@babylonjs/core/Misc/observable.js';
import { foldBiases } from '../src/decoder/folding.js';
import { packBiases } from '../src/gpu/bake-decoder.js';
import type { DistanceGridFiller } from '../src/gpu/distance-grid.js';
import { deviceOf } from './device.js';
import type { SharedDecoder } from './shared-decoder.js';

const WRITABLE = 2; // Constants.BUFFER_CREATIONFLAG_WRITE

/** One shape's data on the GPU: its bias table and its grid of free leaps. A latent edit rewrites both and nothing else. */
export class ShapeBuffers {
  readonly biases: StorageBuffer;
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
    const { engine, folded, biasBytes, gridBytes } = decoder;
    this.biases = new StorageBuffer(engine, biasBytes, WRITABLE, 'neural-sdf biases');
    this.grid = new StorageBuffer(engine, gridBytes, WRITABLE, 'neural-sdf grid');
    this._folded = new Float32Array(folded.biasCount);
    this._packed = new Float32Array(biasBytes / 4);
    this._latent = latent;
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
    this.update(this._latent);
  }

  /** Whether the grid holds the latent code's shape. */
  get isReady(): boolean {
    return this._filler !== undefined;
  }

  get isDisposed(): boolean {
    return this.biases.getBuffer() === null;
  }

  /**
   * Queues the upload of a latent code: a multiply-add per weight column of it, one small write, four small dispatches.
   * @param latent [codeLength]
   * @throws NeuralSdfError LATENT_LENGTH, NOT_FINITE
   */
  update(latent: Float32Array): void {
    const { decoder } = this;
    packBiases(decoder.folded, foldBiases(decoder.decoder, latent, this._folded), this._packed);
    this._latent = latent;
    if (!this._filler) return;
    const biases = this.biases.getBuffer().underlyingResource as GPUBuffer;
    deviceOf(decoder.engine).queue.writeBuffer(biases, 0, this._packed);
    this._filler.fill(biases, this.grid.getBuffer().underlyingResource as GPUBuffer);
  }

  dispose(): void {
    this.decoder.engine.onContextRestoredObservable.remove(this._restored);
    this.biases.dispose();
    this.grid.dispose();
  }
}
