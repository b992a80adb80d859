// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { Layer, layerAt, Plan } from './layout';
import { BLOCK_ROWS, blocksOf, flush, multiplyAdd } from './multiply';
import { transposeBlock } from './transpose';

/** Sum of x[i] y[i] over `count` floats, neither padded nor aligned. */
export function dot(x: usize, y: usize, count: usize): f32 {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let i: usize = 0;
  for (; i + 16 <= count; i += 16) {
    a = multiplyAdd(v128.load(x + i * 4), v128.load(y + i * 4), a);
    b = multiplyAdd(v128.load(x + i * 4, 16), v128.load(y + i * 4, 16), b);
    c = multiplyAdd(v128.load(x + i * 4, 32), v128.load(y + i * 4, 32), c);
    d = multiplyAdd(v128.load(x + i * 4, 48), v128.load(y + i * 4, 48), d);
  }
  for (; i + 4 <= count; i += 4) a = multiplyAdd(v128.load(x + i * 4), v128.load(y + i * 4), a);
  let result = sumOfLanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
  for (; i < count; i++) result += load<f32>(x + i * 4) * load<f32>(y + i * 4);
  return result;
}

export function sumOfLanes(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/** Factor that turns a row of v into weights: g / |v|, 1 where the layer is not normalised, 0 for a row of zeros. */
function rowScale(plan: Plan, layer: Layer, row: usize): f32 {
  if (!layer.normalized) return 1;
  const v = plan.parameters + layer.v + row * layer.columns * 4;
  const norm = sqrt<f32>(dot(v, v, layer.columns));
  return norm > 0 ? load<f32>(plan.parameters + layer.g + row * 4) / norm : 0;
}

/**
 * Weight norm, and the weights packed as the products read them: straight, transposed, and the latent's columns apart.
 * @param first a multiple of 5
 * @param scratch [5][columns]
 */
export function packRows(plan: Plan, layer: Layer, first: usize, end: usize, scratch: usize): void {
  const rowBytes = layer.columns * 4;
  for (let block = first; block < end; block += BLOCK_ROWS) {
    const rows = min(BLOCK_ROWS, end - block);
    memory.fill(scratch + rows * rowBytes, 0, (BLOCK_ROWS - rows) * rowBytes);
    for (let i: usize = 0; i < rows; i++) {
      const row = block + i;
      const scaled = scratch + i * rowBytes;
      scaleRow(plan.parameters + layer.v + row * rowBytes, scaled, layer.columns, rowScale(plan, layer, row));
      memory.copy(layer.latentWeights + row * plan.codeStride, scaled + layer.hidden * 4, layer.latent * 4);
      packTransposed(layer, layer.transposed, row, scaled, layer.hidden);
      packTransposed(layer, layer.transposedPoint, row, scaled + rowBytes - layer.point * 4, layer.point);
    }
    const straight = layer.weights + block * layer.depth * 4;
    packStraight(straight, scratch + rowBytes - layer.point * 4, rowBytes, layer.point);
    packStraight(straight + layer.point * BLOCK_ROWS * 4, scratch, rowBytes, layer.hidden);
  }
}

/** to[i] = scale from[i], without denormals. */
function scaleRow(from: usize, to: usize, count: usize, scale: f32): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) v128.store(to + i * 4, flush(f32x4.mul(v128.load(from + i * 4), f32x4.splat(scale))));
  for (; i < count; i++) {
    store<f32>(to + i * 4, f32x4.extract_lane(flush(f32x4.splat(load<f32>(from + i * 4) * scale)), 0));
  }
}

/** One row into [count / 5][outputs][5]. */
function packTransposed(layer: Layer, to: usize, row: usize, from: usize, count: usize): void {
  const step = layer.outputs * BLOCK_ROWS * 4;
  let out = to + row * BLOCK_ROWS * 4;
  let k: usize = 0;
  for (; k + BLOCK_ROWS <= count; k += BLOCK_ROWS) {
    v128.store(out, v128.load(from + k * 4));
    store<f32>(out, load<f32>(from + k * 4, 16), 16);
    out += step;
  }
  for (; k < count; k++) store<f32>(out + (k % BLOCK_ROWS) * 4, load<f32>(from + k * 4));
}

/** Five rows into [count][5]. */
function packStraight(to: usize, from: usize, rowBytes: usize, count: usize): void {
  let k: usize = 0;
  for (; k + 4 <= count; k += 4) transposeBlock(from + k * 4, rowBytes, to + k * BLOCK_ROWS * 4);
  for (; k < count; k++) {
    for (let i: usize = 0; i < BLOCK_ROWS; i++) store<f32>(to + (k * BLOCK_ROWS + i) * 4, load<f32>(from + i * rowBytes + k * 4));
  }
}

/** Each group's latent code, and what of it enters layer 0. */
export function gatherCodes(plan: Plan): void {
  for (let group: usize = 0; group < plan.groups; group++) {
    const code = plan.codes + group * plan.codeStride;
    const shape: usize = load<u32>(plan.shapes + group * 4);
    memory.fill(code, 0, plan.codeStride);
    memory.copy(code, plan.parameters + plan.latents + shape * plan.codeLength * 4, plan.codeLength * 4);
  }
  if (!plan.codeFactors) return;
  for (let at: usize = 0; at < plan.groups * plan.codeStride; at += 16) {
    v128.store(plan.droppedCodes + at, f32x4.mul(v128.load(plan.codes + at), v128.load(plan.codeFactors + at)));
  }
}

/** Folds the latent codes: biases of group = Wz z + b. Biases of rows beyond the last become 0, as `end` is the last or a multiple of 5. */
export function foldRows(plan: Plan, index: usize, first: usize, end: usize): void {
  const layer = layerAt(plan, index);
  const codes = index === 0 ? plan.droppedCodes : plan.codes;
  for (let group: usize = 0; group < plan.groups; group++) {
    const to = plan.biases + group * plan.biasStride + layer.biasOffset;
    for (let row = first; row < blocksOf(end) * BLOCK_ROWS; row++) {
      let bias: f32 = 0;
      if (row < end) bias = load<f32>(plan.parameters + layer.bias + row * 4);
      if (row < end && layer.latent)
        bias += dot(layer.latentWeights + row * plan.codeStride, codes + group * plan.codeStride, plan.codeStride >> 2);
      store<f32>(to + row * 4, bias);
    }
  }
}

/** All rows of all layers: what an evaluator needs once. */
export function packWeights(plan: Plan): void {
  for (let index: usize = 0; index < plan.layerCount; index++) {
    const layer = layerAt(plan, index);
    packRows(plan, layer, 0, layer.outputs, plan.workspaces + plan.scratch);
  }
}

/** What an evaluator needs for every latent code. */
export function foldGroups(plan: Plan): void {
  gatherCodes(plan);
  for (let index: usize = 0; index < plan.layerCount; index++) foldRows(plan, index, 0, layerAt(plan, index).outputs);
}
