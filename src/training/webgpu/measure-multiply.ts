import type { LeftRows } from '../../gpu/matrix/multiply-text.js';
import type { Tile } from '../../gpu/matrix/tile.js';
import { Buffers } from './buffers.js';
import { compile } from './compile-kernels.js';
import { composeMultiply, type OperandType } from './compose-kernels.js';
import type { TrainingDevice } from './training-device.js';

/** Left [rows, depth] times right [depth, columns], all multiples of the tile. */
export interface ProductSize {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

export interface MultiplyRate {
  /** Floating-point operations a second, two a multiply-add. */
  readonly flops: number;
  /** Whether the product was right, to the bit: operands are such that float32 sums are exact. */
  readonly isRight: boolean;
}

/** A measurement takes about so long, milliseconds: far longer than it takes to submit, far shorter than a watchdog waits. */
const MEASURED = 8;
const ROUNDS = 3;

/**
 * How fast a device multiplies matrices with a tile: the best of three.
 * @param leftRows 'depth' for a left operand that lies transposed in memory
 * @throws NeuralSdfError BACKEND_UNAVAILABLE, DEVICE_LOST
 */
export async function measureMultiply(
  on: TrainingDevice,
  tile: Tile,
  operand: OperandType,
  size: ProductSize,
  leftRows: LeftRows = 'product',
): Promise<MultiplyRate> {
  const { rows, columns, depth } = size;
  const pipeline = await compile(on.device, 'multiplyMatrices', composeMultiply(tile, operand, leftRows));
  const buffers = new Buffers(on.device, operand);
  try {
    const matrices = buffers.uniform('matrices', 16);
    const [left, right] = [buffers.operands('left', rows * depth), buffers.operands('right', depth * columns)];
    const result = buffers.numbers('product', rows * columns);
    on.device.queue.writeBuffer(matrices, 0, Uint32Array.of(leftRows === 'product' ? depth : rows, columns, depth));
    on.device.queue.writeBuffer(left, 0, operands(operand, rows * depth, leftValue));
    on.device.queue.writeBuffer(right, 0, operands(operand, depth * columns, rightValue));
    const bindings = on.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [matrices, left, right, result].map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    const run = async (repeats: number): Promise<number> => {
      const start = performance.now();
      await on.submit((encoder) => {
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindings);
        for (let i = 0; i < repeats; i++) pass.dispatchWorkgroups(columns / tile.columns, rows / tile.rows);
        pass.end();
      });
      await on.settled(on.device.queue.onSubmittedWorkDone());
      return performance.now() - start;
    };
    await run(1);
    let repeats = 1;
    while (repeats < 1024 && (await run(repeats)) < MEASURED) repeats *= 2;
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++) best = Math.min(best, await run(repeats));
    const isRight = checkProduct(new Float32Array(await on.read(result)), size, leftRows);
    return { flops: (2 * rows * columns * depth * repeats) / (best / 1000), isRight };
  } finally {
    buffers.destroy();
  }
}

/** Multiples of 1/8 within +-1: products and their sums are multiples of 1/64, far below 2^18. */
const leftValue = (i: number): number => ((i * 7 + (i >> 5)) % 17) / 8 - 1;
const rightValue = (i: number): number => ((i * 5 + (i >> 7)) % 15) / 8 - 1;

function operands(operand: OperandType, count: number, value: (i: number) => number): Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  if (operand === 'f32') return Float32Array.from({ length: count }, (_, i) => value(i));
  return Uint16Array.from({ length: count }, (_, i) => halfBits(value(i)));
}

/** float16 of a multiple of 1/8 within +-1. */
function halfBits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | ((Math.abs(value) / 2 ** exponent - 1) * 1024);
}

/** A few hundred entries all over it, by the definition. */
function checkProduct(product: Float32Array, { rows, columns, depth }: ProductSize, leftRows: LeftRows): boolean {
  for (let sample = 0; sample < 256; sample++) {
    const at = (sample * 104729) % (rows * columns);
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < depth; k++) {
      const left = leftRows === 'product' ? row * depth + k : k * rows + row;
      sum += leftValue(left) * rightValue(k * columns + column);
    }
    if (product[at] !== sum) return false;
  }
  return true;
}
