import type { ScalarGrid } from './scalar-grid.js';

/** Of a corner, or of a block by its lower corner, in cells. */
export type Index3 = readonly [number, number, number];

/**
 * A grid that holds values near the surface only. Its blocks are either active, with every corner of every cell evaluated, or known to be
 * free of surface, with one signed bound. Memory grows with the surface's area, not with the cube's volume.
 */
export class SparseGrid implements ScalarGrid {
  /** Blocks along a side. */
  readonly blocksPerSide: number;
  /** Per block, x fastest: NaN where active; otherwise signed, and no corner of the block is nearer to the surface; model units. */
  private readonly _bounds: Float32Array;
  /** Corners belong to the block they are the lower part of, so those at the upper end of the grid take one layer of slots more. */
  private readonly _slotsPerSide: number;
  /** Per block: where its corners' values start in `_values`, in blocks, or -1. */
  private readonly _slots: Int32Array;
  private _slotCount = 0;
  /** NaN where not evaluated. */
  private _values = new Float32Array(0);
  /** Blocks in the order in which they became active. */
  private readonly _active: number[] = [];

  constructor(
    readonly resolution: number,
    readonly halfExtent: number,
    readonly blockSize: number,
  ) {
    this.blocksPerSide = Math.ceil(resolution / blockSize);
    this._slotsPerSide = Math.floor(resolution / blockSize) + 1;
    this._bounds = new Float32Array(this.blocksPerSide ** 3);
    this._slots = new Int32Array(this._slotsPerSide ** 3).fill(-1);
  }

  /** Marks a block as free of surface. @param bound signed, model units */
  exclude(block: Index3, bound: number): void {
    this._bounds[this._blockIndex(block)] = bound;
  }

  /** Marks a block as active; whoever does sets all its corners. */
  activate(block: Index3): void {
    const index = this._blockIndex(block);
    this._bounds[index] = Number.NaN;
    this._active.push(index);
  }

  /**
   * Activates those of the up to eight blocks around a corner that are known to be free of surface and yet have the other sign there.
   * @param value at the corner, model units
   */
  activateContradicted(i: number, j: number, k: number, value: number): void {
    const { blockSize: b, blocksPerSide: side } = this;
    for (let bk = firstBlock(k, b); bk <= lastBlock(k, b, side); bk++) {
      for (let bj = firstBlock(j, b); bj <= lastBlock(j, b, side); bj++) {
        for (let bi = firstBlock(i, b); bi <= lastBlock(i, b, side); bi++) {
          const bound = this._bounds[bi + side * (bj + side * bk)];
          if (!Number.isNaN(bound) && bound < 0 !== value < 0) this.activate([b * bi, b * bj, b * bk]);
        }
      }
    }
  }

  get activeCount(): number {
    return this._active.length;
  }

  /** In the order in which they became active; those that do so meanwhile come last. */
  *activeBlocks(): Iterable<readonly [number, number, number]> {
    const side = this.blocksPerSide;
    for (const block of this._active) {
      const [bi, bj, bk] = [block % side, Math.floor(block / side) % side, Math.floor(block / (side * side))];
      yield [bi * this.blockSize, bj * this.blockSize, bk * this.blockSize];
    }
  }

  /** Signed distance where evaluated, elsewhere a signed lower bound: the sign is right everywhere. */
  value(i: number, j: number, k: number): number {
    const stored = this.evaluated(i, j, k);
    if (!Number.isNaN(stored)) return stored;
    const { blockSize: b, blocksPerSide: side } = this;
    return this._bounds[firstBlock(i, b) + side * (firstBlock(j, b) + side * firstBlock(k, b))];
  }

  /** Signed distance at a corner, model units; NaN where none was set. */
  evaluated(i: number, j: number, k: number): number {
    const slot = this._slots[this._slotIndex(i, j, k)];
    return slot < 0 ? Number.NaN : this._values[this._valueIndex(slot, i, j, k)];
  }

  set(i: number, j: number, k: number, value: number): void {
    const index = this._slotIndex(i, j, k);
    if (this._slots[index] < 0) this._slots[index] = this._allocate();
    this._values[this._valueIndex(this._slots[index], i, j, k)] = value;
  }

  private _allocate(): number {
    const volume = this.blockSize ** 3;
    if ((this._slotCount + 1) * volume > this._values.length) {
      const grown = new Float32Array(Math.max(1024, 2 * this._slotCount) * volume).fill(Number.NaN);
      grown.set(this._values);
      this._values = grown;
    }
    return this._slotCount++;
  }

  private _blockIndex([i, j, k]: Index3): number {
    return (i + this.blocksPerSide * (j + this.blocksPerSide * k)) / this.blockSize;
  }

  private _slotIndex(i: number, j: number, k: number): number {
    const { blockSize: b, _slotsPerSide: side } = this;
    return Math.floor(i / b) + side * (Math.floor(j / b) + side * Math.floor(k / b));
  }

  private _valueIndex(slot: number, i: number, j: number, k: number): number {
    const b = this.blockSize;
    return (i % b) + b * ((j % b) + b * ((k % b) + b * slot));
  }
}

/** The first and the last block, along an axis, that have the corner at an index. */
const firstBlock = (index: number, blockSize: number): number => Math.max(0, Math.ceil(index / blockSize) - 1);
const lastBlock = (index: number, blockSize: number, blocksPerSide: number): number =>
  Math.min(blocksPerSide - 1, Math.floor(index / blockSize));
