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

  /** A block's signed bound, model units; NaN where active. */
  bound(block: Index3): number {
    return this._bounds[this._blockIndex(block)];
  }

  /** The up to eight blocks that have a corner in common. */
  blocksAt(corner: Index3): Index3[] {
    const b = this.blockSize;
    const last = b * (this.blocksPerSide - 1);
    const [x, y, z] = corner.map((index) => {
      const low = b * Math.floor(index / b);
      return index !== low ? [low] : low === 0 ? [0] : low > last ? [low - b] : [low - b, low];
    });
    return z.flatMap((k) => y.flatMap((j) => x.map((i): Index3 => [i, j, k])));
  }

  *activeBlocks(): Iterable<readonly [number, number, number]> {
    const side = this.blocksPerSide;
    for (const block of this._active) {
      const [bi, bj, bk] = [block % side, Math.floor(block / side) % side, Math.floor(block / (side * side))];
      yield [bi * this.blockSize, bj * this.blockSize, bk * this.blockSize];
    }
  }

  /** Signed distance where evaluated, elsewhere a signed lower bound: the sign is right everywhere. */
  value(i: number, j: number, k: number): number {
    const stored = this.evaluated([i, j, k]);
    if (!Number.isNaN(stored)) return stored;
    return this.bound(this.blocksAt([i, j, k])[0]);
  }

  /** Signed distance at a corner, model units; NaN where none was set. */
  evaluated(corner: Index3): number {
    const slot = this._slots[this._slotIndex(corner)];
    return slot < 0 ? Number.NaN : this._values[this._valueIndex(slot, corner)];
  }

  set(corner: Index3, value: number): void {
    const index = this._slotIndex(corner);
    if (this._slots[index] < 0) this._slots[index] = this._allocate();
    this._values[this._valueIndex(this._slots[index], corner)] = value;
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

  private _slotIndex([i, j, k]: Index3): number {
    const b = this.blockSize;
    return Math.floor(i / b) + this._slotsPerSide * (Math.floor(j / b) + this._slotsPerSide * Math.floor(k / b));
  }

  private _valueIndex(slot: number, [i, j, k]: Index3): number {
    const b = this.blockSize;
    return slot * b ** 3 + (i % b) + b * ((j % b) + b * (k % b));
  }
}
