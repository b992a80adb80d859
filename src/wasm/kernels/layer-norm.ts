// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { Layer, Plan, panelStride } from './layout';
import { flush, multiplyAdd } from './multiply';
import { sumOfLanes } from './weights';

/** `LAYER_NORM_EPSILON` of src/decoder/layer-norm.ts. */
const EPSILON: f32 = 1e-5;

/**
 * Layer norm of one panel, in place.
 * @param standardized panel for what it is before gain and shift, and a row more: 1 / standard deviation
 */
export function normalizePanel(plan: Plan, layer: Layer, values: usize, standardized: usize): void {
  const bytes = layer.outputs * 32;
  const share = f32x4.splat(1 / <f32>layer.outputs);
  const gains = plan.parameters + layer.gain;
  const shifts = plan.parameters + layer.shift;
  for (let half: usize = 0; half < 32; half += 16) {
    let sum = f32x4.splat(0);
    for (let at = half; at < bytes; at += 32) sum = f32x4.add(sum, v128.load(values + at));
    const mean = f32x4.mul(sum, share);
    sum = f32x4.splat(0);
    for (let at = half; at < bytes; at += 32) {
      const centred = f32x4.sub(v128.load(values + at), mean);
      sum = multiplyAdd(centred, centred, sum);
    }
    const inverse = f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(f32x4.mul(sum, share), f32x4.splat(EPSILON))));
    v128.store(standardized + bytes + half, inverse);
    for (let at = half; at < bytes; at += 32) {
      const unit = (at >> 5) << 2;
      const x = f32x4.mul(f32x4.sub(v128.load(values + at), mean), inverse);
      v128.store(standardized + at, x);
      v128.store(values + at, multiplyAdd(x, v128.load32_splat(gains + unit), v128.load32_splat(shifts + unit)));
    }
  }
}

/** The way back of one panel, in place: from d/d (gain x + shift) to d/d pre-activation. */
export function normBackwardPanel(plan: Plan, layer: Layer, delta: usize, standardized: usize): void {
  const bytes = layer.outputs * 32;
  const share = f32x4.splat(1 / <f32>layer.outputs);
  const gains = plan.parameters + layer.gain;
  for (let half: usize = 0; half < 32; half += 16) {
    let mean = f32x4.splat(0);
    let along = mean;
    for (let at = half; at < bytes; at += 32) {
      const gradient = f32x4.mul(v128.load(delta + at), v128.load32_splat(gains + ((at >> 5) << 2)));
      v128.store(delta + at, gradient);
      mean = f32x4.add(mean, gradient);
      along = multiplyAdd(gradient, v128.load(standardized + at), along);
    }
    mean = f32x4.mul(mean, share);
    along = f32x4.mul(along, share);
    const inverse = v128.load(standardized + bytes + half);
    for (let at = half; at < bytes; at += 32) {
      const rest = f32x4.sub(f32x4.sub(v128.load(delta + at), mean), f32x4.mul(along, v128.load(standardized + at)));
      v128.store(delta + at, flush(f32x4.mul(inverse, rest)));
    }
  }
}

/** Sums over a tile's samples of d/d gain and d/d shift, before the way back. */
export function sumNormGradients(layer: Layer, delta: usize, standardized: usize, panelCount: usize, sums: usize): void {
  const stride = panelStride(layer.outputs);
  const standardizedStride = panelStride(layer.outputs + 1);
  for (let unit: usize = 0; unit < layer.outputs; unit++) {
    let gain = f32x4.splat(0);
    let shift = gain;
    for (let panel: usize = 0; panel < panelCount; panel++) {
      const d = delta + panel * stride + unit * 32;
      const x = standardized + panel * standardizedStride + unit * 32;
      const lower = v128.load(d);
      const upper = v128.load(d, 16);
      gain = multiplyAdd(lower, v128.load(x), gain);
      gain = multiplyAdd(upper, v128.load(x, 16), gain);
      shift = f32x4.add(shift, f32x4.add(lower, upper));
    }
    store<f32>(sums + layer.gainSums + unit * 4, sumOfLanes(gain));
    store<f32>(sums + layer.shiftSums + unit * 4, sumOfLanes(shift));
  }
}
