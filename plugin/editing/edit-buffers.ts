import type { StorageBuffer } from '@babylonjs/core/Buffers/storageBuffer.js';
import { foldBiases } from '../../src/decoder/folding.js';
import type { EditPlan } from '../../src/editing/edit-plan.js';
import { editVectors, packEdits } from '../../src/editing/pack-edits.js';
import { packBiases } from '../../src/gpu/bake-decoder.js';
import type { DistanceGridFiller } from '../../src/gpu/distance-grid.js';
import { deviceOf } from '../device.js';
import type { SharedDecoder } from '../shape/shared-decoder.js';
import { createStorage, growStorage, resourceOf } from '../shape/storage.js';

const GRID_LABEL = 'neural-sdf edited grid';

/**
 * One mesh's edits on the GPU, of a size that any list of them fits in, and the grids of free leaps of the edited shapes: the mesh's own, and
 * one for each latent code of its instances, which have the same done to them.
 */
export class EditBuffers {
  readonly edits: StorageBuffer;
  private _grid: StorageBuffer;
  private readonly _packed: Float32Array<ArrayBuffer>;
  private _filler: DistanceGridFiller | undefined;
  private _wasPrepared = false;

  constructor(
    private readonly _decoder: SharedDecoder,
    /** Takes effect with the next `upload`. */
    public plan: EditPlan,
    /** Slots that there is room for. */
    capacity: number,
  ) {
    const { engine, baked, slotStrides } = _decoder;
    const vectors = editVectors(baked.biasVectors);
    this._packed = new Float32Array(4 * vectors);
    this.edits = createStorage(engine, 16 * vectors, 'neural-sdf edits');
    this._grid = createStorage(engine, capacity * slotStrides.editedGrid, GRID_LABEL);
  }

  /** Compiles what fills the grids; after a device was lost, again. */
  async prepareAsync(): Promise<void> {
    this._filler = undefined;
    const filler = await this._decoder.editedFiller;
    // One that was being compiled when its device was lost; the next is under way.
    if (filler.device !== deviceOf(this._decoder.engine)) return;
    this._filler = filler;
    this._wasPrepared = true;
  }

  /** From the first time on, through the loss of a device too: the shader stays the one of edited shapes. */
  get wasPrepared(): boolean {
    return this._wasPrepared;
  }

  get isReady(): boolean {
    return this._filler?.device === deviceOf(this._decoder.engine) && this.edits.getBuffer() !== null;
  }

  /** Of all slots. Another one takes its place when there are more. */
  get grid(): StorageBuffer {
    return this._grid;
  }

  /** Makes room for so many slots; what is there stays. */
  reserve(capacity: number): void {
    const { engine, slotStrides } = this._decoder;
    this._grid = growStorage(engine, this._grid, capacity * slotStrides.editedGrid, GRID_LABEL);
  }

  /** Queues the upload of the edits, operands' biases by the decoder's weights of now. */
  upload(): void {
    if (!this.isReady) return;
    const { folded, decoder, baked, engine } = this._decoder;
    packEdits(this.plan, baked.biasVectors, (latent, out) => packBiases(folded, foldBiases(decoder, latent), out), this._packed);
    deviceOf(engine).queue.writeBuffer(resourceOf(this.edits), 0, this._packed);
  }

  /**
   * Queues the refill of a slot's grid.
   * @param table of all slots' biases
   */
  fill(table: GPUBuffer, slot: number): void {
    if (!this._filler || !this.isReady) return;
    const { slotStrides } = this._decoder;
    const offsets = { biases: slot * slotStrides.table, grid: slot * slotStrides.editedGrid };
    this._filler.fill(table, resourceOf(this._grid), resourceOf(this.edits), offsets);
  }

  dispose(): void {
    this.edits.dispose();
    this._grid.dispose();
  }
}
