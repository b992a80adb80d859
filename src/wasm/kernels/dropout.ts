// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { Layer, Plan } from './layout';

/** `hash32` of src/training/dropout.ts, to the bit. */
function hash(x: v128): v128 {
  let h = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x7feb352d));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 15)), i32x4.splat(0x846ca68b));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/**
 * Dropout of one panel of a layer's outputs: the mask is `isKept` of src/training/dropout.ts.
 * @param slopes d output / d pre-activation, dropped and scaled alike
 * @param row the panel's first row in the batch
 */
export function dropPanel(plan: Plan, layer: Layer, values: usize, slopes: usize, row: usize): void {
  const spread = 0x85ebca6b;
  const outputs = layer.outputs;
  const key = i32x4.splat(layer.dropoutKey);
  const threshold = i32x4.splat(plan.dropoutThreshold);
  const factor = f32x4.splat(plan.dropoutFactor);
  const first = i32x4.mul(i32x4.add(i32x4.splat(<i32>row), i32x4(0, 1, 2, 3)), i32x4.splat(<i32>outputs));
  for (let half: usize = 0; half < 32; half += 16) {
    const rows = half ? i32x4.add(first, i32x4.splat(<i32>(4 * outputs))) : first;
    // The index times `spread`: one more unit adds `spread` once more.
    let index = i32x4.mul(rows, i32x4.splat(spread));
    for (let at = half; at < outputs * 32; at += 32) {
      const kept = v128.and(factor, i32x4.ge_u(hash(v128.xor(index, key)), threshold));
      v128.store(values + at, f32x4.mul(v128.load(values + at), kept));
      v128.store(slopes + at, f32x4.mul(v128.load(slopes + at), kept));
      index = i32x4.add(index, i32x4.splat(spread));
    }
  }
}
