// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { Plan, panelStride } from './layout';
import { backwardTile, encodeTile, forwardTile, seedTile } from './tile';

/**
 * Forward, loss and backward of one slice of the batch's tiles. What a tile alone knows (sums, loss) goes to the tile's place, the weight
 * gradients to the slice's: the result does not depend on which thread runs which slice, nor on how many threads there are.
 */
export function runSlice(plan: Plan, thread: usize, slice: usize): void {
  const workspace = plan.workspaces + thread * plan.workspaceStride;
  const gradient = plan.sliceGradients + slice * plan.sliceGradientStride;
  memory.fill(gradient, 0, plan.sliceGradientStride);
  const end = ((slice + 1) * plan.tiles) / plan.slices;
  for (let tile = (slice * plan.tiles) / plan.slices; tile < end; tile++) {
    const group = tile / plan.tilesPerGroup;
    const start = (tile % plan.tilesPerGroup) * plan.tileSamples;
    const count = min(plan.tileSamples, plan.samplesPerShape - start);
    const sample = group * plan.samplesPerShape + start;
    const panelCount = (count + 7) >> 3;
    encodeTile(plan, workspace, plan.points + sample * 12, count);
    forwardTile(plan, workspace, plan.biases + group * plan.biasStride, panelCount);
    store<f64>(plan.tileLosses + tile * 8, lossOfTile(plan, workspace, plan.distances + sample * 4, count));
    seedTile(plan, workspace, panelCount);
    backwardTile(plan, workspace, panelCount, gradient, plan.tileSums + tile * plan.biasStride, false);
  }
}

/** Sum of the losses; leaves d loss / d distance in row 0 of the delta panels, 0 in lanes past `count`. */
function lossOfTile(plan: Plan, workspace: usize, distances: usize, count: usize): f64 {
  const stride = panelStride(1);
  const high = f32x4.splat(plan.delta);
  const low = f32x4.neg(high);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  let sum: f64 = 0;
  for (let from: usize = 0; from < ((count + 7) & ~7); from += 4) {
    const at = (from >> 3) * stride + (from & 4) * 4;
    const predicted = v128.load(workspace + plan.output + at);
    // The memory after the last sample is the engine's own, so that a whole vector may be read.
    const target = v128.load(distances + from * 4);
    const used = i32x4.lt_s(i32x4.add(i32x4.splat(<i32>from), i32x4(0, 1, 2, 3)), i32x4.splat(<i32>count));
    const wanted = f32x4.min(f32x4.max(target, low), high);
    let difference: v128;
    let live = used;
    if (plan.saturatedLoss) {
      difference = f32x4.sub(predicted, wanted);
      const beyond = v128.or(
        v128.and(f32x4.ge(target, high), f32x4.gt(difference, zero)),
        v128.and(f32x4.le(target, low), f32x4.lt(difference, zero)),
      );
      difference = v128.andnot(difference, beyond);
    } else {
      difference = f32x4.sub(f32x4.min(f32x4.max(predicted, low), high), wanted);
      live = v128.and(live, f32x4.le(f32x4.abs(predicted), high));
    }
    const loss = v128.and(f32x4.abs(difference), used);
    sum += <f64>f32x4.extract_lane(loss, 0) + <f64>f32x4.extract_lane(loss, 1);
    sum += <f64>f32x4.extract_lane(loss, 2) + <f64>f32x4.extract_lane(loss, 3);
    const sign = f32x4.sub(v128.and(one, f32x4.gt(difference, zero)), v128.and(one, f32x4.lt(difference, zero)));
    v128.store(workspace + plan.deltaA + at, v128.and(sign, live));
  }
  return sum;
}
