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
 *   multiply(thread, leftAt, leftStride, rightAt, rightStride, depth): offsets and strides count numbers, what lies beyond a depth that is
 *     no multiple of TILE_DEPTH must be 0 up to the next one;
 *   productOf(thread, i), rowOf(thread, i), vectorOf(thread, i) for i < PRODUCTS: THREAD_ROWS products in a row share their vector of columns.
 */
export function multiplyText(tile: Tile, leftRows: LeftRows): string {
  return tile.units ? multiplyByUnits(tile, tile.units, leftRows) : multiplyInRegisters(tile, leftRows);
}

function multiplyInRegisters(tile: Tile, leftRows: LeftRows): string {
  const threads = tileThreads(tile);
  const names = upTo(tile.threadVectors).flatMap((vector) => upTo(tile.threadRows).map((row) => `c${row}_${vector}`));
  const { globals, body } = tile.shared ? readThroughWorkgroup(tile, leftRows) : readDirectly(tile, leftRows);
  const row = leftRows === 'product' ? 'first + row * ROWS_OF_THREADS' : '4u * (first + row / 4u * ROWS_OF_THREADS) + row % 4u';
  return `const PRODUCTS = ${names.length}u;
const ROWS_OF_THREADS = ${threads.rows}u;
const COLUMNS_OF_THREADS = ${threads.columns}u;
var<private> products: array<vec4f, PRODUCTS>;
${globals}
fn productOf(thread: u32, i: u32) -> vec4f { return products[i]; }
fn vectorOf(thread: u32, i: u32) -> u32 { return thread % COLUMNS_OF_THREADS + i / THREAD_ROWS * COLUMNS_OF_THREADS; }
fn rowOf(thread: u32, i: u32) -> u32 {
let first = thread / COLUMNS_OF_THREADS;
let row = i % THREAD_ROWS;
return ${row};
}

fn multiply(thread: u32, leftAt: u32, leftStride: u32, rightAt: u32, rightStride: u32, depth: u32) {
let row = thread / COLUMNS_OF_THREADS;
let column = thread % COLUMNS_OF_THREADS;
${names.map((name) => `var ${name}: vec4f;`).join(' ')}
${body}
products = array<vec4f, PRODUCTS>(${names.join(', ')});
}
`;
}

interface Reading {
  readonly globals: string;
  readonly body: string;
}

/** Straight from the operands' buffers: for devices whose caches are as fast as the memory of a workgroup, or that have only caches. */
function readDirectly(tile: Tile, leftRows: LeftRows): Reading {
  const { rows, columns } = tileThreads(tile);
  const left =
    leftRows === 'product'
      ? (i: number) => `leftOperand[leftStart + ${i * rows}u * leftStride / 4u + q / 4u]`
      : (i: number, depth: number) => `leftOperand[leftStart + (q + ${depth}u) * leftStride / 4u + ${i * rows}u]`;
  const right = (i: number, depth: number) => `rightOperand[rightStart + (q + ${depth}u) * rightStride / 4u + ${i * columns}u]`;
  return {
    globals: '',
    body: `let leftStart = ${leftRows === 'product' ? '(leftAt + row * leftStride) / 4u' : 'leftAt / 4u + row'};
let rightStart = rightAt / 4u + column;
for (var q = 0u; q < depth; q += 4u) {
${multiplyFourDeep(tile, leftRows, left, right)}
}`,
  };
}

/** By way of the workgroup's memory, TILE_DEPTH at a time: every number is read once a workgroup. */
function readThroughWorkgroup(tile: Tile, leftRows: LeftRows): Reading {
  const threads = tileThreads(tile);
  const byProduct = leftRows === 'product';
  const leftPart = byProduct
    ? operandPart('left', tile.rows, TILE_DEPTH / 4, LEFT_STRIDE, threads.count)
    : operandPart('left', TILE_DEPTH, tile.rows / 4, tile.rows / 4, threads.count);
  const rightPart = operandPart('right', TILE_DEPTH, tile.columns / 4, tile.columns / 4, threads.count);
  const left = byProduct
    ? (i: number) => `left[(row + ${i * threads.rows}u) * ${LEFT_STRIDE}u + q / 4u]`
    : (i: number, depth: number) => `left[(q + ${depth}u) * ${tile.rows / 4}u + row + ${i * threads.rows}u]`;
  const right = (i: number, depth: number) => `right[(q + ${depth}u) * ${tile.columns / 4}u + column + ${i * threads.columns}u]`;
  return {
    globals: `var<workgroup> left: array<Operand4, ${leftPart.vectors}>;
var<workgroup> right: array<Operand4, ${rightPart.vectors}>;
`,
    body: `${leftPart.start}
${rightPart.start}
for (var k = 0u; k < depth; k += ${TILE_DEPTH}u) {
let leftFrom = leftStart + ${byProduct ? 'k / 4u' : 'k * leftStride / 4u'};
let rightFrom = rightStart + k * rightStride / 4u;
${[...leftPart.reads, ...rightPart.reads].join('\n')}
workgroupBarrier();
${[...leftPart.writes, ...rightPart.writes].join('\n')}
workgroupBarrier();
// The last round may be shallower.
for (var q = 0u; q < min(depth - k, ${TILE_DEPTH}u); q += 4u) {
${multiplyFourDeep(tile, leftRows, left, right)}
}
}`,
  };
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

/** Where a vector of an operand lies: the thread's i-th, `depth` below q. */
type Place = (i: number, depth: number) => string;

const COMPONENTS = ['x', 'y', 'z', 'w'] as const;

/** Depths q to q + 3. Vectors of the left operand run along the depth, where its rows are the product's, or else along the product's rows. */
function multiplyFourDeep(tile: Tile, leftRows: LeftRows, left: Place, right: Place): string {
  const vectors = (name: string, count: number, place: Place, depth: number) =>
    upTo(count).map((i) => `let ${name}${i} = vec4f(${place(i, depth)});`);
  const rights = (depth: number) => vectors('b', tile.threadVectors, right, depth);
  if (leftRows === 'product') {
    const rounds = COMPONENTS.map((component, depth) => [...rights(depth), ...multiplyAdds(tile, (row) => `a${row}.${component}`)]);
    return [...vectors('a', tile.threadRows, left, 0), ...rounds.map((lines) => `{ ${lines.join('\n')} }`)].join('\n');
  }
  const adds = multiplyAdds(tile, (row) => `a${Math.floor(row / 4)}.${COMPONENTS[row % 4]}`);
  const lines = (depth: number) => [...vectors('a', tile.threadRows / 4, left, depth), ...rights(depth), ...adds];
  return upTo(4)
    .map((depth) => `{ ${lines(depth).join('\n')} }`)
    .join('\n');
}

function multiplyAdds({ threadRows, threadVectors }: Tile, left: (row: number) => string): string[] {
  return upTo(threadRows).flatMap((row) => upTo(threadVectors).map((v) => `c${row}_${v} = fma(vec4f(${left(row)}), b${v}, c${row}_${v});`));
}
