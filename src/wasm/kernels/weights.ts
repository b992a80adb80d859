// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { Layer, layerAt, Plan } from './layout';
import { flush, multiplyAdd } from './multiply';

/** Sum of x[i] y[i] over `count` floats, neither padded nor aligned. */
export function dot(x: usize, y: usize, count: usize): f32 {
  let sum = f32x4.splat(0);
  const whole = count & ~3;
  for (let i: usize = 0; i < whole; i += 4) sum = multiplyAdd(v128.load(x + i * 4), v128.load(y + i * 4), sum);
  let result = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
  for (let i = whole; i < count; i++) result += load<f32>(x + i * 4) * load<f32>(y + i * 4);
  return result;
}

/** Factor that turns a row of v into weights: g / |v|, 1 where the layer is not normalised, 0 for a row of zeros. */
export function rowScale(plan: Plan, layer: Layer, row: usize): f32 {
  if (!layer.normalized) return 1;
  const v = plan.parameters + layer.v + row * layer.columns * 4;
  const norm = sqrt<f32>(dot(v, v, layer.columns));
  return norm > 0 ? load<f32>(plan.parameters + layer.g + row * 4) / norm : 0;
}

/** Weight norm, and the weights packed as the products read them: straight, transposed, and the latent's columns apart. */
export function packWeights(plan: Plan): void {
  for (let index: usize = 0; index < plan.layerCount; index++) {
    const layer = layerAt(plan, index);
    for (let row: usize = 0; row < layer.outputs; row++) {
      const v = plan.parameters + layer.v + row * layer.columns * 4;
      const scale = rowScale(plan, layer, row);
      packColumns(layer, row, 0, layer.hidden, v, scale);
      packColumns(layer, row, layer.hiddenRows, layer.point, v + (layer.columns - layer.point) * 4, scale);
      const to = layer.latentWeights + row * plan.codeStride;
      for (let i: usize = 0; i < layer.latent; i++) store<f32>(to + i * 4, scaled(v + (layer.hidden + i) * 4, scale));
    }
  }
}

function scaled(at: usize, scale: f32): f32 {
  return f32x4.extract_lane(flush(f32x4.splat(load<f32>(at) * scale)), 0);
}

function packColumns(layer: Layer, row: usize, firstRow: usize, count: usize, from: usize, scale: f32): void {
  const straight = layer.weights + (row >> 2) * layer.depth * 16 + (row & 3) * 4;
  const transposed = layer.transposed + row * 16;
  const step = layer.outputs * 16;
  for (let i: usize = 0; i < count; i++) {
    const weight = scaled(from + i * 4, scale);
    const k = firstRow + i;
    store<f32>(straight + k * 16, weight);
    store<f32>(transposed + (k >> 2) * step + (k & 3) * 4, weight);
  }
}

/** Copies each group's latent code and folds it: biases of group = Wz z + b, per layer. */
export function foldGroups(plan: Plan): void {
  // Biases of padding rows, too: what an earlier batch left there might be infinite, and infinity times a zero weight is not zero.
  memory.fill(plan.biases, 0, plan.groups * plan.biasStride);
  for (let group: usize = 0; group < plan.groups; group++) {
    const code = plan.codes + group * plan.codeStride;
    const shape: usize = load<u32>(plan.shapes + group * 4);
    memory.fill(code, 0, plan.codeStride);
    memory.copy(code, plan.parameters + plan.latents + shape * plan.codeLength * 4, plan.codeLength * 4);
    for (let index: usize = 0; index < plan.layerCount; index++) {
      const layer = layerAt(plan, index);
      const to = plan.biases + group * plan.biasStride + layer.biasOffset;
      for (let row: usize = 0; row < layer.outputs; row++) {
        let bias = load<f32>(plan.parameters + layer.bias + row * 4);
        if (layer.latent) bias += dot(layer.latentWeights + row * plan.codeStride, code, plan.codeStride >> 2);
        store<f32>(to + row * 4, bias);
      }
    }
  }
}
