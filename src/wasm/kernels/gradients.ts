// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { Layer, layerAt, Plan } from './layout';
import { BLOCK_BYTES, BLOCK_ROWS, blocksOf, multiplyAdd } from './multiply';
import { dot } from './weights';

/** Floats of the latent codes that one job of `collectLatents` takes. */
export const LATENT_CHUNK: usize = 64;

/** y += factor x, `bytes` long, a multiple of 16. */
function addScaled(y: usize, x: usize, factor: f32, bytes: usize): void {
  const f = f32x4.splat(factor);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(y + i, multiplyAdd(f, v128.load(x + i), v128.load(y + i)));
}

/** All gradients so far are sums over samples. */
function inverseSamples(plan: Plan): f32 {
  return 1 / <f32>(plan.groups * plan.distanceRows);
}

function sumsOf(plan: Plan, group: usize): usize {
  return plan.tileSums + group * plan.tilesPerGroup * plan.sumStride;
}

/** Of all tiles of a group, in their order, into the first. */
export function sumTiles(plan: Plan, group: usize): void {
  const sums = sumsOf(plan, group);
  for (let tile: usize = 1; tile < plan.tilesPerGroup; tile++) addScaled(sums, sums + tile * plan.sumStride, 1, plan.sumStride);
}

/**
 * Slices' and groups' sums to the gradient of the mean loss by the parameters of some rows of a layer.
 * @param first a multiple of 5
 * @param scratch [codeStride]
 */
export function collectRows(plan: Plan, index: usize, first: usize, end: usize, scratch: usize): void {
  const layer = layerAt(plan, index);
  const inverse = inverseSamples(plan);
  sumSlices(plan, layer, first, end);
  for (let row = first; row < end; row++) {
    gatherRow(plan, layer, row, inverse);
    gatherLatentColumns(plan, index, row, inverse, scratch);
    store<f32>(plan.gradients + layer.bias + row * 4, sumOverGroups(plan, layer.biasOffset + row * 4) * inverse);
    if (layer.layerNorm) {
      store<f32>(plan.gradients + layer.gain + row * 4, sumOverGroups(plan, layer.gainSums + row * 4) * inverse);
      store<f32>(plan.gradients + layer.shift + row * 4, sumOverGroups(plan, layer.shiftSums + row * 4) * inverse);
    }
    if (layer.normalized) throughWeightNorm(plan, layer, row);
  }
}

function rowBlockBytes(layer: Layer): usize {
  return ((layer.rows + 7) >> 3) * BLOCK_BYTES;
}

/** Of all slices, in their order, into the first. */
function sumSlices(plan: Plan, layer: Layer, first: usize, end: usize): void {
  const block = rowBlockBytes(layer);
  const to = plan.sliceGradients + layer.gradient + (first / BLOCK_ROWS) * block;
  const bytes = blocksOf(end - first) * block;
  for (let slice: usize = 1; slice < plan.slices; slice++) {
    const from = to + slice * plan.sliceGradientStride;
    for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
  }
}

/** Hidden and point columns, out of [outputs / 5][rows / 8][5][8]. */
function gatherRow(plan: Plan, layer: Layer, row: usize, inverse: f32): void {
  const from = plan.sliceGradients + layer.gradient + (row / BLOCK_ROWS) * rowBlockBytes(layer) + (row % BLOCK_ROWS) * 32;
  const to = plan.gradients + layer.v + row * layer.columns * 4;
  const factor = f32x4.splat(inverse);
  let k: usize = 0;
  for (; k + 4 <= layer.hidden; k += 4) v128.store(to + k * 4, f32x4.mul(v128.load(columnAt(from, layer.hiddenRow + k)), factor));
  for (; k < layer.hidden; k++) store<f32>(to + k * 4, load<f32>(columnAt(from, layer.hiddenRow + k)) * inverse);
  const points = to + (layer.columns - layer.point) * 4;
  for (k = 0; k < layer.point; k++) store<f32>(points + k * 4, load<f32>(columnAt(from, layer.pointRow + k)) * inverse);
}

/** Columns come in eights, a block apart. */
function columnAt(row: usize, column: usize): usize {
  return row + (column >> 3) * BLOCK_BYTES + (column & 7) * 4;
}

/** The latent code is constant over a group, so that its outer product is taken once a group. */
function gatherLatentColumns(plan: Plan, index: usize, row: usize, inverse: f32, scratch: usize): void {
  const layer = layerAt(plan, index);
  if (!layer.latent) return;
  const codes = index === 0 ? plan.droppedCodes : plan.codes;
  memory.fill(scratch, 0, plan.codeStride);
  for (let group: usize = 0; group < plan.groups; group++) {
    const sum = load<f32>(sumsOf(plan, group) + layer.biasOffset + row * 4);
    addScaled(scratch, codes + group * plan.codeStride, sum, plan.codeStride);
  }
  const to = plan.gradients + layer.v + (row * layer.columns + layer.hidden) * 4;
  for (let i: usize = 0; i < layer.latent; i++) store<f32>(to + i * 4, load<f32>(scratch + i * 4) * inverse);
}

function sumOverGroups(plan: Plan, offset: usize): f32 {
  let sum: f32 = 0;
  for (let group: usize = 0; group < plan.groups; group++) sum += load<f32>(sumsOf(plan, group) + offset);
  return sum;
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
  const along = f32x4.splat(dg * inverse);
  let i: usize = 0;
  for (; i + 4 <= layer.columns; i += 4) {
    const rest = f32x4.sub(v128.load(d + i * 4), f32x4.mul(along, v128.load(v + i * 4)));
    v128.store(d + i * 4, f32x4.mul(f32x4.splat(scale), rest));
  }
  for (; i < layer.columns; i++) {
    store<f32>(d + i * 4, scale * (load<f32>(d + i * 4) - dg * inverse * load<f32>(v + i * 4)));
  }
}

/**
 * Gradient by `LATENT_CHUNK` numbers of every latent code: through the folded biases, plus the prior, which is regularization x share of
 * the batch x z / |z|.
 */
export function collectLatents(plan: Plan, chunk: usize, scratch: usize): void {
  const first = chunk * LATENT_CHUNK;
  const count = min(LATENT_CHUNK, plan.codeLength - first);
  const table = plan.gradients + plan.latents + first * 4;
  for (let shape: usize = 0; shape < plan.shapeCount; shape++) memory.fill(table + shape * plan.codeLength * 4, 0, count * 4);
  const inverse = inverseSamples(plan);
  const prior: f32 = plan.regularization / <f32>plan.groups;
  for (let group: usize = 0; group < plan.groups; group++) {
    foldBack(plan, group, first, (count + 3) & ~3, scratch);
    const code = plan.codes + group * plan.codeStride;
    const norm = sqrt<f32>(dot(code, code, plan.codeLength));
    const pull: f32 = norm > 0 ? prior / norm : 0;
    const shape: usize = load<u32>(plan.shapes + group * 4);
    const to = table + shape * plan.codeLength * 4;
    for (let i: usize = 0; i < count; i++) {
      const gradient = load<f32>(scratch + i * 4) * inverse + pull * load<f32>(code + (first + i) * 4);
      store<f32>(to + i * 4, load<f32>(to + i * 4) + gradient);
    }
  }
}

/** Sum over all layers' rows of d loss / d bias x weights by the latent code. Layer 0 comes first, as its part has dropout's factors. */
function foldBack(plan: Plan, group: usize, first: usize, count: usize, scratch: usize): void {
  memory.fill(scratch, 0, count * 4);
  for (let index: usize = 0; index < plan.layerCount; index++) {
    const layer = layerAt(plan, index);
    if (!layer.latent) continue;
    const sums = sumsOf(plan, group) + layer.biasOffset;
    for (let row: usize = 0; row < layer.outputs; row++) {
      const sum = load<f32>(sums + row * 4);
      if (sum !== 0) addScaled(scratch, layer.latentWeights + row * plan.codeStride + first * 4, sum, count * 4);
    }
    if (index > 0 || !plan.codeFactors) continue;
    const factors = plan.codeFactors + group * plan.codeStride + first * 4;
    for (let i: usize = 0; i < count * 4; i += 16) v128.store(scratch + i, f32x4.mul(v128.load(scratch + i), v128.load(factors + i)));
  }
}
