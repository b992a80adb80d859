// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { Layer, layerAt, Plan } from './layout';
import { multiplyAdd } from './multiply';
import { dot } from './weights';

/** y += factor x, `bytes` long, a multiple of 16. */
function addScaled(y: usize, x: usize, factor: f32, bytes: usize): void {
  const f = f32x4.splat(factor);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(y + i, multiplyAdd(f, v128.load(x + i), v128.load(y + i)));
}

/** Of all slices, in their order, into the first. */
function sumSlices(plan: Plan): void {
  for (let i: usize = 0; i < plan.sliceGradientStride; i += 16) {
    const at = plan.sliceGradients + i;
    let sum = v128.load(at);
    for (let slice: usize = 1; slice < plan.slices; slice++) sum = f32x4.add(sum, v128.load(at + slice * plan.sliceGradientStride));
    v128.store(at, sum);
  }
}

/**
 * Slices' and tiles' sums to the gradient of the mean loss by every parameter, prior included.
 * @param scratch [codeStride]
 */
export function collectGradients(plan: Plan, regularization: f32, scratch: usize): void {
  const samples = plan.groups * plan.samplesPerShape;
  const inverse: f32 = 1 / <f32>samples;
  sumSlices(plan);
  for (let group: usize = 0; group < plan.groups; group++) {
    const sums = plan.tileSums + group * plan.tilesPerGroup * plan.biasStride;
    for (let tile: usize = 1; tile < plan.tilesPerGroup; tile++) addScaled(sums, sums + tile * plan.biasStride, 1, plan.biasStride);
  }
  for (let index: usize = 0; index < plan.layerCount; index++) {
    const layer = layerAt(plan, index);
    for (let row: usize = 0; row < layer.outputs; row++) {
      gatherRow(plan, layer, row, inverse);
      gatherGroups(plan, layer, row, inverse, scratch);
      if (layer.normalized) throughWeightNorm(plan, layer, row);
    }
  }
  latentGradients(plan, inverse, regularization, scratch);
}

/** Hidden and point columns, out of the panels [depth / 8][outputs][8]. */
function gatherRow(plan: Plan, layer: Layer, row: usize, inverse: f32): void {
  const panelBytes = ((layer.outputs + 3) >> 2) * 128;
  const from = plan.sliceGradients + layer.gradient + row * 32;
  const to = plan.gradients + layer.v + row * layer.columns * 4;
  for (let k: usize = 0; k < layer.hidden; k++) {
    store<f32>(to + k * 4, load<f32>(from + (k >> 3) * panelBytes + (k & 7) * 4) * inverse);
  }
  const points = to + (layer.columns - layer.point) * 4;
  for (let i: usize = 0; i < layer.point; i++) {
    const k = layer.hiddenRows + i;
    store<f32>(points + i * 4, load<f32>(from + (k >> 3) * panelBytes + (k & 7) * 4) * inverse);
  }
}

/** Bias and latent columns: the latent code is constant over a group, so that its outer product is taken once a group. */
function gatherGroups(plan: Plan, layer: Layer, row: usize, inverse: f32, scratch: usize): void {
  const groupBytes = plan.tilesPerGroup * plan.biasStride;
  const sums = plan.tileSums + layer.biasOffset + row * 4;
  let bias: f32 = 0;
  memory.fill(scratch, 0, plan.codeStride);
  for (let group: usize = 0; group < plan.groups; group++) {
    const sum = load<f32>(sums + group * groupBytes);
    bias += sum;
    if (layer.latent) addScaled(scratch, plan.codes + group * plan.codeStride, sum, plan.codeStride);
  }
  store<f32>(plan.gradients + layer.bias + row * 4, bias * inverse);
  const to = plan.gradients + layer.v + (row * layer.columns + layer.hidden) * 4;
  for (let i: usize = 0; i < layer.latent; i++) store<f32>(to + i * 4, load<f32>(scratch + i * 4) * inverse);
}

/** w = g v / |v|: dg = dw . v / |v|, dv = g / |v| (dw - dg v / |v|), in place. */
function throughWeightNorm(plan: Plan, layer: Layer, row: usize): void {
  const v = plan.parameters + layer.v + row * layer.columns * 4;
  const d = plan.gradients + layer.v + row * layer.columns * 4;
  const norm = sqrt<f32>(dot(v, v, layer.columns));
  const inverse: f32 = norm > 0 ? 1 / norm : 0;
  const dg = dot(d, v, layer.columns) * inverse;
  store<f32>(plan.gradients + layer.g + row * 4, dg);
  const scale = load<f32>(plan.parameters + layer.g + row * 4) * inverse;
  for (let i: usize = 0; i < layer.columns; i++) {
    store<f32>(d + i * 4, scale * (load<f32>(d + i * 4) - dg * inverse * load<f32>(v + i * 4)));
  }
}

/** Through the folded biases, plus the prior: regularization x share of the batch x z / |z|. */
function latentGradients(plan: Plan, inverse: f32, regularization: f32, scratch: usize): void {
  memory.fill(plan.gradients + plan.latents, 0, plan.parameterBytes - plan.latents);
  const prior: f32 = regularization / <f32>plan.groups;
  for (let group: usize = 0; group < plan.groups; group++) {
    const code = plan.codes + group * plan.codeStride;
    const sums = plan.tileSums + group * plan.tilesPerGroup * plan.biasStride;
    memory.fill(scratch, 0, plan.codeStride);
    for (let index: usize = 0; index < plan.layerCount; index++) {
      const layer = layerAt(plan, index);
      if (!layer.latent) continue;
      for (let row: usize = 0; row < layer.outputs; row++) {
        const sum = load<f32>(sums + layer.biasOffset + row * 4);
        if (sum !== 0) addScaled(scratch, layer.latentWeights + row * plan.codeStride, sum, plan.codeStride);
      }
    }
    const norm = sqrt<f32>(dot(code, code, plan.codeLength));
    const pull: f32 = norm > 0 ? prior / norm : 0;
    const shape: usize = load<u32>(plan.shapes + group * 4);
    const to = plan.gradients + plan.latents + shape * plan.codeLength * 4;
    for (let i: usize = 0; i < plan.codeLength; i++) {
      const gradient = load<f32>(scratch + i * 4) * inverse + pull * load<f32>(code + i * 4);
      store<f32>(to + i * 4, load<f32>(to + i * 4) + gradient);
    }
  }
}

/**
 * Adam on parameter bytes [from, to), both multiples of 16.
 * @param rate learning rate / (1 - beta1^t)
 * @param correction 1 / sqrt(1 - beta2^t)
 */
export function adam(plan: Plan, from: usize, to: usize, rate: f32, correction: f32, beta1: f32, beta2: f32, epsilon: f32): void {
  for (let at = from; at < to; at += 16) {
    let gradient = v128.load(plan.gradients + at);
    // A gradient below this moves a parameter by less than its last bit, and its square or its slow decay would be denormal.
    gradient = v128.and(gradient, f32x4.gt(f32x4.abs(gradient), f32x4.splat(1e-16)));
    let first = v128.load(plan.firstMoments + at);
    let second = v128.load(plan.secondMoments + at);
    first = f32x4.add(f32x4.mul(f32x4.splat(beta1), first), f32x4.mul(f32x4.splat(1 - beta1), gradient));
    second = f32x4.add(f32x4.mul(f32x4.splat(beta2), second), f32x4.mul(f32x4.splat(1 - beta2), f32x4.mul(gradient, gradient)));
    first = v128.and(first, f32x4.gt(f32x4.abs(first), f32x4.splat(1e-30)));
    second = v128.and(second, f32x4.gt(second, f32x4.splat(1e-36)));
    v128.store(plan.firstMoments + at, first);
    v128.store(plan.secondMoments + at, second);
    const divisor = f32x4.add(f32x4.mul(f32x4.sqrt(second), f32x4.splat(correction)), f32x4.splat(epsilon));
    const step = f32x4.div(f32x4.mul(f32x4.splat(rate), first), divisor);
    v128.store(plan.parameters + at, f32x4.sub(v128.load(plan.parameters + at), step));
  }
}

/** Scales back the latent codes that are longer than `bound`. */
export function boundLatents(plan: Plan, bound: f32): void {
  for (let shape: usize = 0; shape < plan.shapeCount; shape++) {
    const code = plan.parameters + plan.latents + shape * plan.codeLength * 4;
    const norm = sqrt<f32>(dot(code, code, plan.codeLength));
    if (!(norm > bound)) continue;
    for (let i: usize = 0; i < plan.codeLength; i++) store<f32>(code + i * 4, load<f32>(code + i * 4) * (bound / norm));
  }
}
