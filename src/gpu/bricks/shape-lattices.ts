import type { BrickAssembler } from './brick-assembler.js';
import { brickTableBytes, packBrickIndex, samplesOf } from './brick-layout.js';
import { DistanceStore } from './distance-store.js';

/** Where a shape's table lives. */
export interface TableHost {
  /** A storage buffer of so many bytes or more; where it is another than before, a whole table is written into it at once. */
  reserve(bytes: number): GPUBuffer;
  /** The most that `reserve` can give. */
  readonly mostBytes: number;
  /** After a whole picture was queued into the table. */
  tableWritten(): void;
}

/** The distances of one shape on the GPU, on a lattice over the whole box and in bricks, and the way from there to its table. */
export class ShapeLattices {
  /** Cells along the lattice. */
  cells = 0;
  /** Over the whole box. */
  private _lattice: DistanceStore;
  /** Of the bricks, and each one's grid cell. */
  private _distances: DistanceStore;
  private _cellOfBrick: GPUBuffer;
  /** Per grid cell, 1 + the number of its brick, or 0. */
  private readonly _brickOfCell: GPUBuffer;
  private readonly _uniform: GPUBuffer;

  constructor(
    private readonly _device: GPUDevice,
    private readonly _assembler: BrickAssembler,
    private readonly _box: { readonly grid: number; readonly halfExtent: number },
    private readonly _host: TableHost,
  ) {
    this._uniform = this._make('lattices', 32, GPUBufferUsage.UNIFORM);
    this._brickOfCell = this._make('index', 4 * _box.grid ** 3);
    this._lattice = this.makeStore('lattice', 0);
    this._distances = this.makeStore('distances', 0);
    this._cellOfBrick = this._make('cells', 16);
  }

  makeStore(name: string, count: number): DistanceStore {
    return new DistanceStore(this._device, name, count);
  }

  /** Of the lattice over the whole box, [(cells + 1)^3]. */
  readLattice(): Promise<Float32Array> {
    return this._lattice.read();
  }

  /** Room for the distances of a lattice over the whole box, in place of the last. */
  openLattice(cells: number): DistanceStore {
    this._lattice.dispose();
    this._lattice = this.makeStore('lattice', samplesOf(cells));
    this.cells = cells;
    return this._lattice;
  }

  /** Whether a table has room for so many bricks. */
  fits(bricks: number, brickCells: number): boolean {
    return brickTableBytes(this._box.grid, bricks, brickCells) <= this._host.mostBytes;
  }

  /** Room for the distances of bricks, in place of the last. @param cells [bricks] numbers of their grid cells */
  openBricks(cells: Uint32Array, brickCells: number): DistanceStore {
    this._distances.dispose();
    this._cellOfBrick.destroy();
    this._distances = this.makeStore('distances', cells.length * samplesOf(brickCells));
    this._cellOfBrick = this._make('cells', 4 * cells.length);
    this._device.queue.writeBuffer(this._cellOfBrick, 0, cells as Uint32Array<ArrayBuffer>);
    return this._distances;
  }

  /** Queues a whole table of the lattice over the box alone, and says so. */
  showLattice(): void {
    this._write(new Uint32Array(this._box.grid ** 3), 0, 1);
  }

  /** The same, with bricks. @param brickOfCell [grid^3], from bricksOfCells */
  showBricks(brickOfCell: Uint32Array, brickCount: number, brickCells: number): void {
    this._device.queue.writeBuffer(this._brickOfCell, 0, brickOfCell as Uint32Array<ArrayBuffer>);
    this._write(brickOfCell, brickCount, brickCells);
  }

  private _write(brickOfCell: Uint32Array, brickCount: number, brickCells: number): void {
    const { grid, halfExtent } = this._box;
    const table = this._host.reserve(brickTableBytes(grid, brickCount, brickCells));
    this._device.queue.writeBuffer(table, 0, packBrickIndex(brickOfCell, this.cells, brickCells));
    this._assembler.assemble(
      {
        grid,
        coarseCells: this.cells,
        brickCells,
        brickCount,
        halfExtent,
        coarseDistances: this._lattice.buffer,
        distances: this._distances.buffer,
        brickOfCell: this._brickOfCell,
        cellOfBrick: this._cellOfBrick,
        table,
      },
      this._uniform,
    );
    this._host.tableWritten();
  }

  private _make(name: string, bytes: number, usage: number = GPUBufferUsage.STORAGE): GPUBuffer {
    return this._device.createBuffer({
      label: `neural-sdf bricks ${name}`,
      size: Math.max(16, bytes),
      usage: usage | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    });
  }

  dispose(): void {
    for (const buffer of [this._uniform, this._brickOfCell, this._cellOfBrick]) buffer.destroy();
    this._lattice.dispose();
    this._distances.dispose();
  }
}
