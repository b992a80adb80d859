/** How a workgroup cuts its part out of a product of matrices. */
export interface Tile {
  /** Of the product, a multiple of 16. */
  readonly rows: number;
  /** Of the product, a multiple of 16. */
  readonly columns: number;
  /** Of the product, that one thread has: a multiple of 4. */
  readonly threadRows: number;
  /** Vectors of four columns in each of them. */
  readonly threadVectors: number;
  /** Whether operands are read by way of the workgroup's memory, once for all its threads. */
  readonly shared?: boolean;
  /** Where the device's matrix units multiply, float16 by float16 into float32; threads otherwise, in registers. */
  readonly units?: MatrixUnits;
}

/** A configuration of `chromium-experimental-subgroup-matrix`: m x k times k x n, by a subgroup together. */
export interface MatrixUnits {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Threads of a subgroup. */
  readonly threads: number;
}

/** Columns of the left operand, rows of the right one, that a workgroup holds in its memory at a time. */
export const TILE_DEPTH = 16;

/** Vectors in a row of the left operand's part: one more than it holds, so that neighbouring rows lie in different banks. */
export const LEFT_STRIDE = TILE_DEPTH / 4 + 1;

export interface TileThreads {
  /** Threads that share a row of the tile. */
  readonly columns: number;
  /** Threads that share a column. */
  readonly rows: number;
  readonly count: number;
}

export function tileThreads({ rows, columns, threadRows, threadVectors }: Tile): TileThreads {
  const across = columns / (4 * threadVectors);
  const down = rows / threadRows;
  return { columns: across, rows: down, count: across * down };
}

/** Every width of a layer is padded to a multiple of this, so that no kernel needs to check where a matrix ends. */
export function tilePadding({ rows, columns }: Tile): number {
  return Math.max(rows, columns);
}

/** Bytes of workgroup memory that the hungriest kernel takes, besides what is multiplied: sums of the tile's columns. */
export function tileMemory(tile: Tile): number {
  const sums = 4 * tileThreads(tile).rows * tile.columns;
  if (tile.units) return 4 * tile.rows * tile.columns + sums;
  return sums + (tile.shared ? 16 * tile.rows * LEFT_STRIDE + 4 * TILE_DEPTH * tile.columns : 0);
}

/** A larger one has fewer reads a multiply-add; a smaller one pads less and keeps a small GPU busier. Which is fastest, the device tells. */
export const TILES: readonly Tile[] = [
  { rows: 64, columns: 64, threadRows: 8, threadVectors: 2, shared: true },
  { rows: 128, columns: 64, threadRows: 8, threadVectors: 2, shared: true },
  { rows: 128, columns: 128, threadRows: 8, threadVectors: 2, shared: true },
  { rows: 64, columns: 64, threadRows: 8, threadVectors: 2 },
];

/** For software adapters, whose compilers take long over anything larger, or with barriers in it. */
export const SMALL_TILE: Tile = { rows: 32, columns: 32, threadRows: 4, threadVectors: 1 };

/** Four subgroups, a quarter each. */
export function unitsTile(units: MatrixUnits): Tile {
  const threads = 4 * units.threads;
  return { rows: 64, columns: 64, threadRows: 1024 / threads, threadVectors: 1, units };
}
