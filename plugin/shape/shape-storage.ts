import type { StorageBuffer } from '@babylonjs/core/Buffers/storageBuffer.js';
import { NeuralSdfError } from '../../src/errors.js';
import { deviceOf } from '../device.js';
import type { SharedDecoder } from './shared-decoder.js';
import { createStorage, growStorage, resourceOf } from './storage.js';

const TABLE_LABEL = 'neural-sdf table';
const GRID_LABEL = 'neural-sdf grid';

/** Of one shape's bricks: some 20,000 of them at their finest. */
const MOST_TABLE_BYTES = 256 * 2 ** 20;

/** Room on the GPU for a mesh's table and grid: as many slots of each as it shows latent codes, or one table of bricks. */
export class ShapeStorage {
  private _table: StorageBuffer;
  private _tableBytes: number;
  private _grid: StorageBuffer;
  private _slots = 1;

  constructor(private readonly _decoder: SharedDecoder) {
    const { engine, tableBytes, gridBytes } = _decoder;
    this._table = createStorage(engine, tableBytes, TABLE_LABEL);
    this._tableBytes = tableBytes;
    this._grid = createStorage(engine, gridBytes, GRID_LABEL);
  }

  /** Another one may take its place whenever there is more to hold. */
  get table(): StorageBuffer {
    return this._table;
  }

  get grid(): StorageBuffer {
    return this._grid;
  }

  /** That there is room for. */
  get slots(): number {
    return this._slots;
  }

  get isDisposed(): boolean {
    return this._table.getBuffer() === null;
  }

  /** The most bytes of a table of bricks. */
  get mostTableBytes(): number {
    const { maxStorageBufferBindingSize, maxBufferSize } = deviceOf(this._decoder.engine).limits;
    return Math.min(MOST_TABLE_BYTES, maxStorageBufferBindingSize, maxBufferSize);
  }

  /** A table of so many bytes or more; what another one held is gone. */
  reserveTable(bytes: number): GPUBuffer {
    if (bytes > this._tableBytes) {
      this._table.dispose();
      this._table = createStorage(this._decoder.engine, bytes, TABLE_LABEL);
      this._tableBytes = bytes;
    }
    return resourceOf(this._table);
  }

  /**
   * Makes room for so many slots; what is there stays. Room doubles as it grows.
   * @param isEdited whether as many grids of edited shapes must fit
   * @throws NeuralSdfError INVALID_ARGUMENT beyond the device's largest binding
   */
  reserveSlots(slots: number, isEdited: boolean): void {
    const { engine, slotStrides } = this._decoder;
    const most = this.checkRoom(slots, Math.max(slotStrides.grid, slotStrides.table, isEdited ? slotStrides.editedGrid : 0));
    this._slots = Math.min(most, Math.max(4, slots, 2 * this._slots));
    this._table = growStorage(engine, this._table, this._slots * slotStrides.table, TABLE_LABEL);
    this._grid = growStorage(engine, this._grid, this._slots * slotStrides.grid, GRID_LABEL);
  }

  /**
   * @param stride bytes from one slot to the next
   * @returns how many slots fit
   * @throws NeuralSdfError INVALID_ARGUMENT where those do not
   */
  checkRoom(slots: number, stride: number): number {
    const { maxStorageBufferBindingSize, maxBufferSize } = deviceOf(this._decoder.engine).limits;
    const most = Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / stride);
    if (slots <= most) return most;
    // One is the mesh's own.
    throw new NeuralSdfError(
      'INVALID_ARGUMENT',
      `instances with ${slots - 1} different latent codes: this GPU has room for ${most - 1}; give some of them the same code, or make a second mesh`,
      { slots, most },
    );
  }

  dispose(): void {
    this._table.dispose();
    this._grid.dispose();
  }
}
