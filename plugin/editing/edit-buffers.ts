import { StorageBuffer } from '@babylonjs/core/Buffers/storageBuffer.js';
import { foldBiases } from '../../src/decoder/folding.js';
import type { EditPlan } from '../../src/editing/edit-plan.js';
import { editVectors, packEdits } from '../../src/editing/pack-edits.js';
import { packBiases } from '../../src/gpu/bake-decoder.js';
import { editedConstants } from '../../src/gpu/compose-wgsl.js';
import type { DistanceGridFiller } from '../../src/gpu/distance-grid.js';
import { deviceOf } from '../device.js';
import type { SharedDecoder } from '../shape/shared-decoder.js';

const WRITABLE = 2; // Constants.BUFFER_CREATIONFLAG_WRITE

/** One shape's edits on the GPU, of a size that any list of them fits in, and the grid of free leaps of the edited shape. */
export class EditBuffers {
  readonly edits: StorageBuffer;
  readonly grid: StorageBuffer;
  private readonly _packed: Float32Array<ArrayBuffer>;
  private _filler: DistanceGridFiller | undefined;
  private _wasPrepared = false;

  constructor(
    private readonly _decoder: SharedDecoder,
    /** Takes effect with the next `fill`. */
    public plan: EditPlan,
  ) {
    const { engine, baked, constants } = _decoder;
    const vectors = editVectors(baked.biasVectors);
    this._packed = new Float32Array(4 * vectors);
    this.edits = new StorageBuffer(engine, 16 * vectors, WRITABLE, 'neural-sdf edits');
    this.grid = new StorageBuffer(engine, 4 * editedConstants(constants).gridResolution ** 3, WRITABLE, 'neural-sdf edited grid');
  }

  /** Compiles what fills the grid; after a device was lost, again. */
  async prepareAsync(): Promise<void> {
    this._filler = undefined;
    this._filler = await this._decoder.editedFiller;
    this._wasPrepared = true;
  }

  /** From the first time on, through the loss of a device too: the shader stays the one of edited shapes. */
  get wasPrepared(): boolean {
    return this._wasPrepared;
  }

  get isReady(): boolean {
    return this._filler?.device === deviceOf(this._decoder.engine) && this.edits.getBuffer() !== null;
  }

  /**
   * Queues the upload of the edits, operands' biases by the decoder's weights of now, and the refill of the grid.
   * @param table of the shape's own biases
   */
  fill(table: GPUBuffer): void {
    if (!this._filler || !this.isReady) return;
    const { folded, decoder, baked } = this._decoder;
    packEdits(this.plan, baked.biasVectors, (latent, out) => packBiases(folded, foldBiases(decoder, latent), out), this._packed);
    const edits = this.edits.getBuffer().underlyingResource as GPUBuffer;
    deviceOf(this._decoder.engine).queue.writeBuffer(edits, 0, this._packed);
    this._filler.fill(table, this.grid.getBuffer().underlyingResource as GPUBuffer, edits);
  }

  dispose(): void {
    this.edits.dispose();
    this.grid.dispose();
  }
}
