// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { RELU } from './activation';
import { sineOfPi } from './functions';
import { Layer, layerAt, Plan, panelStride } from './layout';
import {
  ACCUMULATE,
  BACKWARD,
  BACKWARD_MASKED,
  BACKWARD_SLOPED,
  BLOCK_BYTES,
  blocksOf,
  FORWARD,
  FORWARD_RECTIFIED,
  multiply,
} from './multiply';
import { finishOutputs, shapeBackward, shapeOutputs } from './outputs';
import { transposeToBlocks, transposeToPanels } from './transpose';
import { sumOfLanes } from './weights';

/** The encoding of src/decoder/encoding.ts for one tile, into every layer that reads it. Lanes past `count` repeat the last point. */
export function encodeTile(plan: Plan, workspace: usize, points: usize, count: usize): void {
  const first = layerAt(plan, 0);
  const panelCount = (count + 7) >> 3;
  for (let panel: usize = 0; panel < panelCount; panel++) {
    const rows = pointRows(first, workspace, panel);
    for (let lane: usize = 0; lane < 8; lane++) {
      const point = points + min(panel * 8 + lane, count - 1) * 12;
      const at = rows + lane * 4;
      store<f32>(at, load<f32>(point));
      store<f32>(at, load<f32>(point, 4), 32);
      store<f32>(at, load<f32>(point, 8), 64);
    }
    let frequency: f32 = 1;
    let out = rows + 96;
    for (let octave: usize = 0; octave < plan.octaves; octave++) {
      for (let offset: usize = 0; offset < 96; offset += 16) {
        const x = f32x4.mul(v128.load(rows + offset), f32x4.splat(frequency));
        v128.store(out + offset, sineOfPi(x, 0));
        v128.store(out + offset, sineOfPi(x, 1), 96);
      }
      frequency *= 2;
      out += 192;
    }
    for (let index: usize = 1; index < plan.layerCount; index++) {
      const layer = layerAt(plan, index);
      if (layer.point === 0) continue;
      memory.copy(pointRows(layer, workspace, panel), rows, layer.point * 32);
    }
  }
}

/** The encoded point in a layer's input. */
export function pointRows(layer: Layer, workspace: usize, panel: usize): usize {
  return workspace + layer.input + layer.pointRow * 32 + panel * panelStride(layer.rows);
}

/** The previous layer's outputs in a layer's input. */
function hiddenRows(layer: Layer, workspace: usize): usize {
  return workspace + layer.input + layer.hiddenRow * 32;
}

/**
 * Every layer of one encoded tile; signed distances are row 0 of the output panels.
 * @param firstRow the tile's first row in the batch, which dropout depends on
 * @param back whether `backwardTile` follows; ReLUs that are blurred for its sake alone need no pass of their own otherwise
 */
export function forwardTile(plan: Plan, workspace: usize, biases: usize, panelCount: usize, firstRow: usize, back: bool): void {
  for (let index: usize = 0; index < plan.layerCount; index++) {
    const layer = layerAt(plan, index);
    let out = workspace + plan.output;
    let outStride = panelStride(1);
    if (index + 1 < plan.layerCount) {
      const next = layerAt(plan, index + 1);
      out = hiddenRows(next, workspace);
      outStride = panelStride(next.rows);
    }
    const shaped = layer.shaped && (back || !layer.kinks || layer.layerNorm || layer.dropped);
    multiply(
      layer.weights,
      blocksOf(layer.outputs),
      layer.depth,
      pointRows(layer, workspace, 0),
      panelStride(layer.rows),
      panelCount,
      out,
      outStride,
      BLOCK_BYTES,
      layer.activation === RELU && !shaped ? FORWARD_RECTIFIED : FORWARD,
      biases + layer.biasOffset,
      0,
    );
    if (shaped) shapeOutputs(plan, layer, workspace, out, outStride, panelCount, firstRow);
  }
  finishOutputs(plan, workspace, panelCount);
}

/** Turns d/d distance in row 0 of the delta panels into d/d pre-activation of the last layer, and clears its padding rows. */
export function seedTile(plan: Plan, workspace: usize, panelCount: usize): void {
  const stride = panelStride(1);
  for (let panel: usize = 0; panel < panelCount; panel++) {
    const delta = workspace + plan.deltaA + panel * stride;
    if (plan.innerTanh || plan.outputTanh) {
      for (let half: usize = 0; half < 32; half += 16) {
        const slope = v128.load(workspace + plan.output + panel * stride + half, 32);
        v128.store(delta + half, f32x4.mul(v128.load(delta + half), slope));
      }
    }
    memory.fill(delta + 32, 0, BLOCK_BYTES - 32);
  }
}

/**
 * Reverse mode from the seeded delta panels down to layer 0.
 * @param gradient where weight gradients go to, 0 for none
 * @param added whether they are added to what is there
 * @param sums of this tile: d/d bias, gain and shift; 0 for none
 * @param encoded whether to leave d/d encoded point in the workspace
 */
export function backwardTile(
  plan: Plan,
  workspace: usize,
  panelCount: usize,
  gradient: usize,
  added: bool,
  sums: usize,
  encoded: bool,
): void {
  let delta = workspace + plan.deltaA;
  let next = workspace + plan.deltaB;
  for (let index = plan.layerCount - 1; ; index--) {
    const layer = layerAt(plan, index);
    shapeBackward(plan, layer, workspace, delta, panelCount, sums);
    if (gradient) weightGradient(layer, workspace, delta, panelCount, gradient, added, sums, plan);
    if (encoded && layer.point) addEncodedGradient(plan, layer, workspace, delta, panelCount);
    if (index === 0) break;
    const below = layerAt(plan, index - 1);
    multiply(
      layer.transposed,
      blocksOf(layer.hidden),
      layer.outputs,
      delta,
      panelStride(layer.outputs),
      panelCount,
      next,
      panelStride(layer.hidden),
      BLOCK_BYTES,
      below.shaped ? BACKWARD_SLOPED : BACKWARD_MASKED,
      below.shaped ? workspace + below.slopes : hiddenRows(layer, workspace),
      panelStride(below.shaped ? layer.hidden : layer.rows),
    );
    const swap = delta;
    delta = next;
    next = swap;
  }
}

/** Both operands transposed, so that the samples are what the one product sums over. */
function weightGradient(
  layer: Layer,
  workspace: usize,
  delta: usize,
  panelCount: usize,
  gradient: usize,
  added: bool,
  sums: usize,
  plan: Plan,
): void {
  const blocks = blocksOf(layer.outputs);
  const panels = (layer.rows + 7) >> 3;
  const samples = panelCount * 8;
  const left = workspace + plan.transposedDelta;
  const right = workspace + plan.transposedInput;
  transposeToBlocks(delta, panelStride(layer.outputs), panelCount, layer.outputs, left);
  transposeToPanels(workspace + layer.input, panelStride(layer.rows), panelCount, layer.rows, right);
  const mode = added ? ACCUMULATE : BACKWARD;
  const out = gradient + layer.gradient;
  multiply(left, blocks, samples, right, samples * 32, panels, out, BLOCK_BYTES, panels * BLOCK_BYTES, mode, 0, 0);
  sumSamples(delta, panelStride(layer.outputs), panelCount, layer.outputs, sums + layer.biasOffset);
}

/** Sums over a tile's samples. @param out [rows] */
function sumSamples(delta: usize, stride: usize, panelCount: usize, rows: usize, out: usize): void {
  for (let row: usize = 0; row < rows; row++) {
    let lower = f32x4.splat(0);
    let upper = lower;
    let at = delta + row * 32;
    for (let panel: usize = 0; panel < panelCount; panel++) {
      lower = f32x4.add(lower, v128.load(at));
      upper = f32x4.add(upper, v128.load(at, 16));
      at += stride;
    }
    store<f32>(out + row * 4, sumOfLanes(f32x4.add(lower, upper)));
  }
}

function addEncodedGradient(plan: Plan, layer: Layer, workspace: usize, delta: usize, panelCount: usize): void {
  const stride = panelStride(layer.point);
  const scratch = workspace + plan.transposedInput;
  const blocks = blocksOf(layer.point);
  const deltaStride = panelStride(layer.outputs);
  multiply(layer.transposedPoint, blocks, layer.outputs, delta, deltaStride, panelCount, scratch, stride, BLOCK_BYTES, BACKWARD, 0, 0);
  for (let panel: usize = 0; panel < panelCount; panel++) {
    for (let offset: usize = 0; offset < layer.point * 32; offset += 16) {
      const at = workspace + plan.encodedGradient + panel * stride + offset;
      v128.store(at, f32x4.add(v128.load(at), v128.load(scratch + panel * stride + offset)));
    }
  }
}
