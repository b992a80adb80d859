// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { sineOfPi, tanh } from './functions';
import { Layer, layerAt, Plan, panelStride } from './layout';
import { ACCUMULATE, BACKWARD, BACKWARD_MASKED, FORWARD, FORWARD_RECTIFIED, multiply } from './multiply';
import { transposePanels } from './transpose';

/** The encoding of src/decoder/encoding.ts for one tile, into every layer that reads it. Lanes past `count` repeat the last point. */
export function encodeTile(plan: Plan, workspace: usize, points: usize, count: usize): void {
  const first = layerAt(plan, 0);
  const stride = panelStride(first.depth);
  const panelCount = (count + 7) >> 3;
  for (let panel: usize = 0; panel < panelCount; panel++) {
    const rows = workspace + first.input + panel * stride;
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
      memory.copy(workspace + layer.input + panel * panelStride(layer.depth) + layer.hiddenRows * 32, rows, layer.point * 32);
    }
  }
}

/** Where a layer's outputs go: the hidden rows of the next layer's input, or the output panels. */
function outputOf(plan: Plan, workspace: usize, index: usize): usize {
  return workspace + (index + 1 < plan.layerCount ? layerAt(plan, index + 1).input : plan.output);
}

function outputStride(plan: Plan, index: usize): usize {
  return index + 1 < plan.layerCount ? panelStride(layerAt(plan, index + 1).depth) : panelStride(1);
}

/** Every layer of one encoded tile; signed distances, tanh applied, are row 0 of the output panels. */
export function forwardTile(plan: Plan, workspace: usize, biases: usize, panelCount: usize): void {
  for (let index: usize = 0; index < plan.layerCount; index++) {
    const layer = layerAt(plan, index);
    multiply(
      layer.weights,
      (layer.outputs + 3) >> 2,
      layer.depth,
      workspace + layer.input,
      panelStride(layer.depth),
      panelCount,
      outputOf(plan, workspace, index),
      outputStride(plan, index),
      layer.rectified ? FORWARD_RECTIFIED : FORWARD,
      biases + layer.biasOffset,
      0,
    );
  }
  if (plan.outputTanh) {
    const stride = panelStride(1);
    for (let panel: usize = 0; panel < panelCount; panel++) {
      const row = workspace + plan.output + panel * stride;
      v128.store(row, tanh(v128.load(row)));
      v128.store(row, tanh(v128.load(row, 16)), 16);
    }
  }
}

/** Turns d/d distance in row 0 of the delta panels into d/d pre-activation of the last layer, and clears its padding rows. */
export function seedTile(plan: Plan, workspace: usize, panelCount: usize): void {
  const stride = panelStride(1);
  for (let panel: usize = 0; panel < panelCount; panel++) {
    const delta = workspace + plan.deltaA + panel * stride;
    if (plan.outputTanh) {
      for (let half: usize = 0; half < 32; half += 16) {
        const distance = v128.load(workspace + plan.output + panel * stride + half);
        const slope = f32x4.sub(f32x4.splat(1), f32x4.mul(distance, distance));
        v128.store(delta + half, f32x4.mul(v128.load(delta + half), slope));
      }
    }
    memory.fill(delta + 32, 0, 96);
  }
}

/**
 * Reverse mode from the seeded delta panels down to layer 0.
 * @param gradient weight gradients to add to, 0 for none
 * @param sums [biases] d/d bias of this tile, 0 for none
 * @param encoded whether to leave d/d encoded point in the workspace
 */
export function backwardTile(plan: Plan, workspace: usize, panelCount: usize, gradient: usize, sums: usize, encoded: bool): void {
  let delta = workspace + plan.deltaA;
  let next = workspace + plan.deltaB;
  for (let index = plan.layerCount - 1; ; index--) {
    const layer = layerAt(plan, index);
    if (gradient) weightGradient(layer, workspace, delta, panelCount, gradient, sums, plan);
    if (encoded && layer.point) addEncodedGradient(plan, layer, workspace, delta, panelCount);
    if (index === 0) break;
    const stride = panelStride(layer.depth);
    multiply(
      layer.transposed,
      (layer.hidden + 3) >> 2,
      layer.outputs,
      delta,
      panelStride(layer.outputs),
      panelCount,
      next,
      panelStride(layer.hidden),
      BACKWARD_MASKED,
      workspace + layer.input,
      stride,
    );
    const swap = delta;
    delta = next;
    next = swap;
  }
}

/** Both operands transposed, so that the samples are what the one product sums over. */
function weightGradient(layer: Layer, workspace: usize, delta: usize, panelCount: usize, gradient: usize, sums: usize, plan: Plan): void {
  const blocks = (layer.outputs + 3) >> 2;
  const samples = panelCount * 8;
  const left = workspace + plan.transposedDelta;
  const right = workspace + plan.transposedInput;
  transposePanels(delta, panelStride(layer.outputs), panelCount, layer.outputs, 4, left);
  transposePanels(workspace + layer.input, panelStride(layer.depth), panelCount, layer.depth, 8, right);
  const out = gradient + layer.gradient;
  multiply(left, blocks, samples, right, samples * 32, (layer.depth + 7) >> 3, out, blocks * 128, ACCUMULATE, 0, 0);
  for (let block: usize = 0; block < blocks; block++) {
    let sum = f32x4.splat(0);
    const column = left + block * samples * 16;
    for (let sample: usize = 0; sample < samples; sample++) sum = f32x4.add(sum, v128.load(column + sample * 16));
    v128.store(sums + layer.biasOffset + block * 16, sum);
  }
}

function addEncodedGradient(plan: Plan, layer: Layer, workspace: usize, delta: usize, panelCount: usize): void {
  const stride = panelStride(layer.point);
  const scratch = workspace + plan.transposedInput;
  const blocks = (layer.point + 3) >> 2;
  const rows = layer.transposed + (layer.hiddenRows >> 2) * layer.outputs * 16;
  multiply(rows, blocks, layer.outputs, delta, panelStride(layer.outputs), panelCount, scratch, stride, BACKWARD, 0, 0);
  for (let panel: usize = 0; panel < panelCount; panel++) {
    for (let offset: usize = 0; offset < layer.point * 32; offset += 16) {
      const at = workspace + plan.encodedGradient + panel * stride + offset;
      v128.store(at, f32x4.add(v128.load(at), v128.load(scratch + panel * stride + offset)));
    }
  }
}
