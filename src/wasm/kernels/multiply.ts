// @ts-nocheck: AssemblyScript, see layout.ts.
import { multiplyPairs } from './multiply-pairs';
import { multiplyPanels } from './multiply-panels';

/** Rows that one pass over the depth computes, and the bytes of their 8 samples. */
export const BLOCK_ROWS: usize = 5;
export const BLOCK_BYTES: usize = 160;

export function blocksOf(rows: usize): usize {
  return (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
}

/** What happens to a block of 5 rows x 8 samples around its sum. */
export const FORWARD: usize = 0;
export const FORWARD_RECTIFIED: usize = 1;
export const BACKWARD: usize = 2;
export const BACKWARD_MASKED: usize = 3;
export const BACKWARD_SLOPED: usize = 4;
export const ACCUMULATE: usize = 5;

/**
 * Below it a value becomes 0. One denormal in a sum makes it fifty times slower, and wasm cannot flush them; a product
 * of two values above this threshold is still a normal number.
 */
const TINY: f32 = 1e-18;

/** x * y + z, fused where the relaxed instructions are there. */
export function multiplyAdd(x: v128, y: v128, z: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, y, z);
  return f32x4.add(f32x4.mul(x, y), z);
}

export function flush(x: v128): v128 {
  return v128.and(x, f32x4.gt(f32x4.abs(x), f32x4.splat(TINY)));
}

export function rectify(x: v128): v128 {
  return v128.and(x, f32x4.gt(x, f32x4.splat(TINY)));
}

export function mask(x: v128, activation: v128): v128 {
  return v128.and(flush(x), f32x4.gt(activation, f32x4.splat(0)));
}

export function slope(x: v128, derivative: v128): v128 {
  return flush(f32x4.mul(x, derivative));
}

/** Whether V8 makes 256-bit instructions of neighbouring 128-bit ones. */
let paired: bool = false;

/** From now on `multiplyPairs` serves: half as fast again where two registers become one, half as fast elsewhere. Not a bit changes. */
export function usePairs(): void {
  paired = true;
}

/**
 * The one product that everything is made of: out[panel][5 block + r][s] = sum over k of weights[block][k][r] * panels[panel][k][s].
 * @param weights [blocks][depth][5]
 * @param panels [panelCount][depth][8], `stride` bytes apart
 * @param out blocks of [5][8], `outBlockStride` apart, of panels `outStride` apart
 * @param aux FORWARD*: [5 blocks] bias; BACKWARD_MASKED: panels of activations, BACKWARD_SLOPED: of their derivatives, `auxStride` apart;
 * ACCUMULATE: unused, `out` is added to
 */
export function multiply(
  weights: usize,
  blocks: usize,
  depth: usize,
  panels: usize,
  stride: usize,
  panelCount: usize,
  out: usize,
  outStride: usize,
  outBlockStride: usize,
  mode: usize,
  aux: usize,
  auxStride: usize,
): void {
  const pairs = paired ? panelCount & ~1 : 0;
  if (pairs) multiplyPairs(weights, blocks, depth, panels, stride, pairs, out, outStride, outBlockStride, mode, aux, auxStride);
  if (pairs === panelCount) return;
  panels += pairs * stride;
  out += pairs * outStride;
  if (mode > FORWARD_RECTIFIED) aux += pairs * auxStride;
  multiplyPanels(weights, blocks, depth, panels, stride, panelCount - pairs, out, outStride, outBlockStride, mode, aux, auxStride);
}
