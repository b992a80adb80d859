import { multiplyByUnits } from './multiply-by-units.js';
import { LEFT_STRIDE, TILE_DEPTH, type Tile, tileThreads } from './tile.js';

/** What a row of the left operand is, as it lies in memory: a row of the product, or of its depth, what is summed over (a transposed matrix). */
export type LeftRows = 'product' | 'depth';

const upTo = (count: number): number[] => [...Array(count).keys()];

/**
 * A product of matrices as WGSL: each thread keeps threadRows x threadVectors vectors of it in registers. Generated, because registers need
 * names: a compiler that does not unroll loops (Metal's, behind Tint) would put an array of them into memory.
 *
 * Stands on `leftOperand` and `rightOperand`, arrays of MatrixOperand. Defines
 *   multiply(thread, leftAt, leftStride, rightAt, rightStride, depth): offsets and strides count numbers, depth is rounded up to TILE_DEPTH;
 *   productOf(thread, i), rowOf(thread, i), vectorOf(thread, i) for i < PRODUCTS: THREAD_ROWS products in a row share their vector of columns.
 */
export function multiplyText(tile: Tile, leftRows: LeftRows): string {
  return tile.units ? multiplyByUnits(tile, tile.units, leftRows) : multiplyInRegisters(tile, leftRows);
}

function multiplyInRegisters(tile: Tile, leftRows: LeftRows): string {
  const threads = tileThreads(tile);
  const names = upTo(tile.threadVectors).flatMap((vector) => upTo(tile.threadRows).map((row) => `c${row}_${vector}`));
  const byProduct = leftRows === 'product';
  const left = byProduct
    ? operandPart('left', tile.rows, TILE_DEPTH / 4, LEFT_STRIDE, threads.count)
    : operandPart('left', TILE_DEPTH, tile.rows / 4, tile.rows / 4, threads.count);
  const right = operandPart('right', TILE_DEPTH, tile.columns / 4, tile.columns / 4, threads.count);
  return `const PRODUCTS = ${names.length}u;
const ROWS_OF_THREADS = ${threads.rows}u;
const COLUMNS_OF_THREADS = ${threads.columns}u;
var<workgroup> left: array<Operand4, ${left.vectors}>;
var<workgroup> right: array<Operand4, ${right.vectors}>;
var<private> products: array<vec4f, PRODUCTS>;

fn productOf(thread: u32, i: u32) -> vec4f { return products[i]; }
fn vectorOf(thread: u32, i: u32) -> u32 { return thread % COLUMNS_OF_THREADS + i / THREAD_ROWS * COLUMNS_OF_THREADS; }
fn rowOf(thread: u32, i: u32) -> u32 {
let first = thread / COLUMNS_OF_THREADS;
let row = i % THREAD_ROWS;
return ${byProduct ? 'first + row * ROWS_OF_THREADS' : '4u * (first + row / 4u * ROWS_OF_THREADS) + row % 4u'};
}

fn multiply(thread: u32, leftAt: u32, leftStride: u32, rightAt: u32, rightStride: u32, depth: u32) {
let row = thread / COLUMNS_OF_THREADS;
let column = thread % COLUMNS_OF_THREADS;
${left.start}
${right.start}
${names.map((name) => `var ${name}: vec4f;`).join(' ')}
for (var k = 0u; k < depth; k += ${TILE_DEPTH}u) {
let leftFrom = leftStart + ${byProduct ? 'k / 4u' : 'k * leftStride / 4u'};
let rightFrom = rightStart + k * rightStride / 4u;
${[...left.reads, ...right.reads, 'workgroupBarrier();', ...left.writes, ...right.writes, 'workgroupBarrier();'].join('\n')}
// The last round may be shallower.
for (var q = 0u; q < min(depth - k, ${TILE_DEPTH}u); q += 4u) {
${byProduct ? multiplyAlongDepth(tile) : multiplyAlongRows(tile)}
}
}
products = array<vec4f, PRODUCTS>(${names.join(', ')});
}
`;
}

/** Copies rows x vectors of an operand into the workgroup's memory, with a stride of its own; every thread takes its share. */
function operandPart(name: 'left' | 'right', rows: number, vectors: number, stride: number, threads: number) {
  const rowsAtATime = threads / vectors;
  const shares = upTo(rows / rowsAtATime).map((i) => i * rowsAtATime);
  return {
    vectors: rows * stride,
    start: `let ${name}Row = thread / ${vectors}u;
let ${name}To = ${name}Row * ${stride}u + thread % ${vectors}u;
let ${name}Start = (${name}At + ${name}Row * ${name}Stride) / 4u + thread % ${vectors}u;`,
    reads: shares.map((row) => `let ${name}${row} = ${name}Operand[${name}From + ${row}u * ${name}Stride / 4u];`),
    writes: shares.map((row) => `${name}[${name}To + ${row * stride}u] = ${name}${row};`),
  };
}

const COMPONENTS = ['x', 'y', 'z', 'w'] as const;

/** Vectors of the left operand run along the depth: each is used with four rows of the right one. */
function multiplyAlongDepth(tile: Tile): string {
  const { rows } = tileThreads(tile);
  const lefts = upTo(tile.threadRows).map((i) => `let a${i} = vec4f(left[(row + ${i * rows}u) * ${LEFT_STRIDE}u + q / 4u]);`);
  const steps = COMPONENTS.map((component, c) => `{ ${rightVectors(tile, c)}\n${multiplyAdds(tile, (row) => `a${row}.${component}`)} }`);
  return [...lefts, ...steps].join('\n');
}

/** Vectors of the left operand run along the product's rows. */
function multiplyAlongRows(tile: Tile): string {
  const { rows } = tileThreads(tile);
  const vectors = upTo(tile.threadRows / 4);
  const lefts = (c: number) =>
    vectors.map((i) => `let a${i} = vec4f(left[(q + ${c}u) * ${tile.rows / 4}u + row + ${i * rows}u]);`).join(' ');
  const adds = multiplyAdds(tile, (row) => `a${Math.floor(row / 4)}.${COMPONENTS[row % 4]}`);
  return COMPONENTS.map((_, c) => `{ ${lefts(c)} ${rightVectors(tile, c)}\n${adds} }`).join('\n');
}

function rightVectors(tile: Tile, depth: number): string {
  const { columns } = tileThreads(tile);
  const at = (vector: number) => `right[(q + ${depth}u) * ${tile.columns / 4}u + column + ${vector * columns}u]`;
  return upTo(tile.threadVectors)
    .map((vector) => `let b${vector} = vec4f(${at(vector)});`)
    .join(' ');
}

function multiplyAdds({ threadRows, threadVectors }: Tile, left: (row: number) => string): string {
  return upTo(threadRows)
    .flatMap((row) => upTo(threadVectors).map((v) => `c${row}_${v} = fma(vec4f(${left(row)}), b${v}, c${row}_${v});`))
    .join('\n');
}
