// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { exponentialLessOne, logarithmOfOneMore, storeSine } from './functions';
import { Layer } from './layout';

/** In the order of ../layout.ts. */
export const RELU: usize = 0;
export const SINE: usize = 1;
export const SOFTPLUS: usize = 2;
export const ELU: usize = 3;
export const LINEAR: usize = 4;

/**
 * src/decoder/activation.ts on one panel: pre-activations become activations, in place.
 * @param slopes panel that d activation / d pre-activation is written to
 */
export function activatePanel(layer: Layer, scale: f32, values: usize, slopes: usize): void {
  const activation = layer.activation;
  for (let at: usize = 0; at < layer.outputs * 32; at += 16) {
    const x = v128.load(values + at);
    const out = values + at;
    const slope = slopes + at;
    if (activation === SINE) storeSine(x, scale, out, slope);
    else if (activation === SOFTPLUS) storeSoftplus(x, scale, out, slope);
    else if (activation === ELU) storeElu(x, scale, out, slope);
    else if (layer.kinks) storeBlurredRelu(x, load<f32>(layer.kinks + (at >> 5) * 4), out, slope);
    else storeRelu(x, out, slope);
  }
}

function storeRelu(x: v128, out: usize, slope: usize): void {
  const positive = f32x4.gt(x, f32x4.splat(0));
  v128.store(out, v128.and(x, positive));
  v128.store(slope, v128.and(f32x4.splat(1), positive));
}

/** The activation as it is, its derivative ramped. */
function storeBlurredRelu(x: v128, steepness: f32, out: usize, slope: usize): void {
  const zero = f32x4.splat(0);
  const ramp = f32x4.add(f32x4.mul(x, f32x4.splat(steepness)), f32x4.splat(0.5));
  v128.store(out, f32x4.max(x, zero));
  v128.store(slope, f32x4.min(f32x4.max(ramp, zero), f32x4.splat(1)));
}

function storeElu(x: v128, scale: f32, out: usize, slope: usize): void {
  const zero = f32x4.splat(0);
  const factor = f32x4.splat(scale);
  const positive = f32x4.gt(x, zero);
  const below = f32x4.mul(factor, exponentialLessOne(f32x4.min(x, zero)));
  v128.store(out, v128.bitselect(x, below, positive));
  v128.store(slope, v128.bitselect(f32x4.splat(1), f32x4.add(below, factor), positive));
}

/** max(0, x) + log(1 + e) / scale and its sigmoid, e = exp(-|scale x|): nothing overflows. */
function storeSoftplus(x: v128, scale: f32, out: usize, slope: usize): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const e = f32x4.add(exponentialLessOne(f32x4.neg(f32x4.abs(f32x4.mul(x, f32x4.splat(scale))))), one);
  const rest = f32x4.mul(logarithmOfOneMore(e), f32x4.splat(1 / scale));
  v128.store(out, f32x4.add(f32x4.max(x, zero), rest));
  v128.store(slope, f32x4.div(v128.bitselect(one, e, f32x4.gt(x, zero)), f32x4.add(one, e)));
}
