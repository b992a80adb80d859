import type { LeftRows } from './multiply-text.js';
import { type MatrixUnits, TILE_DEPTH, type Tile, tileThreads } from './tile.js';

/** Subgroups of a workgroup lie two by two over its tile. */
const SUBGROUPS_ACROSS = 2;

/**
 * As `multiplyText`, on the device's matrix units: each subgroup keeps a quarter of the product in them, reads its operands straight from
 * their buffers, and leaves the sums in the workgroup's memory for the threads to go on with.
 */
export function multiplyByUnits(tile: Tile, { m, n, k, threads: subgroup }: MatrixUnits, leftRows: LeftRows): string {
  const threads = tileThreads(tile);
  const quarter = { rows: tile.rows / SUBGROUPS_ACROSS, columns: tile.columns / SUBGROUPS_ACROSS };
  const rows = steps(quarter.rows, m);
  const columns = steps(quarter.columns, n);
  const depths = steps(TILE_DEPTH, k);
  const each = <T>(make: (row: number, column: number) => T): T[] => rows.flatMap((row) => columns.map((column) => make(row, column)));
  const loadLeft = (row: number, depth: number) =>
    leftRows === 'product'
      ? `subgroupMatrixLoad<subgroup_matrix_left<f16, ${k}, ${m}>, row_major>(&leftOperand, leftAt + (firstRow + ${row}u) * leftStride + k + ${depth}u, leftStride)`
      : `subgroupMatrixLoad<subgroup_matrix_left<f16, ${k}, ${m}>, col_major>(&leftOperand, leftAt + (k + ${depth}u) * leftStride + firstRow + ${row}u, leftStride)`;
  const loadRight = (depth: number, column: number) =>
    `subgroupMatrixLoad<subgroup_matrix_right<f16, ${n}, ${k}>, row_major>(&rightOperand, rightAt + (k + ${depth}u) * rightStride + firstColumn + ${column}u, rightStride)`;
  const multiplyAdds = depths.flatMap((depth) => [
    '{',
    ...rows.map((row) => `let a${row} = ${loadLeft(row, depth)};`),
    ...columns.map((column) => `let b${column} = ${loadRight(depth, column)};`),
    ...each((row, column) => `c${row}_${column} = subgroupMatrixMultiplyAccumulate(a${row}, b${column}, c${row}_${column});`),
    '}',
  ]);
  const store = (row: number, column: number) =>
    `subgroupMatrixStore<row_major>(&results, (firstRow + ${row}u) * ${tile.columns}u + firstColumn + ${column}u, c${row}_${column}, ${tile.columns}u);`;
  return `const PRODUCTS = ${tile.threadRows}u;
const ROWS_OF_THREADS = ${threads.rows}u;
const COLUMNS_OF_THREADS = ${threads.columns}u;
var<workgroup> results: array<f32, ${tile.rows * tile.columns}>;

fn vectorOf(thread: u32, i: u32) -> u32 { return thread % COLUMNS_OF_THREADS; }
fn rowOf(thread: u32, i: u32) -> u32 { return thread / COLUMNS_OF_THREADS + i * ROWS_OF_THREADS; }
fn productOf(thread: u32, i: u32) -> vec4f {
let at = rowOf(thread, i) * ${tile.columns}u + 4u * vectorOf(thread, i);
return vec4f(results[at], results[at + 1u], results[at + 2u], results[at + 3u]);
}

fn multiply(thread: u32, leftAt: u32, leftStride: u32, rightAt: u32, rightStride: u32, depth: u32) {
let subgroup = subgroupBroadcastFirst(thread) / ${subgroup}u;
let firstRow = subgroup / ${SUBGROUPS_ACROSS}u * ${quarter.rows}u;
let firstColumn = subgroup % ${SUBGROUPS_ACROSS}u * ${quarter.columns}u;
${each((row, column) => `var c${row}_${column}: subgroup_matrix_result<f32, ${n}, ${m}>;`).join(' ')}
for (var k = 0u; k < depth; k += ${TILE_DEPTH}u) {
${multiplyAdds.join('\n')}
}
${each(store).join('\n')}
workgroupBarrier();
}
`;
}

const steps = (length: number, step: number): number[] => Array.from({ length: length / step }, (_, i) => i * step);
