// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { Plan, panelStride } from './layout';

/**
 * Loss of one tile. Leaves its gradient in row 0 of the delta panels, times the number of the batch's samples: -1, 0 or 1 for a sample,
 * anything for a stencil's points, 0 in lanes past `count`.
 * @param start the tile's first row in its group
 * @returns sum over its samples, without the eikonal term
 */
export function lossOfTile(plan: Plan, workspace: usize, distances: usize, start: usize, count: usize): f64 {
  const stride = panelStride(1);
  let sum: f64 = 0;
  for (let from: usize = 0; from < ((count + 7) & ~7); from += 4) {
    const at = (from >> 3) * stride + (from & 4) * 4;
    const predicted = workspace + plan.output + at;
    const delta = workspace + plan.deltaA + at;
    // Four rows are of one kind: `distanceRows` is a multiple of 4 where stencils follow.
    if (from >= count) v128.store(delta, f32x4.splat(0));
    else if (start + from < plan.distanceRows) sum += sampleLosses(plan, predicted, distances + from * 4, count - from, delta);
    else stencilGradient(plan, predicted, delta);
  }
  return sum;
}

/** src/training/loss.ts for four samples, the first `count` of which are there. */
function sampleLosses(plan: Plan, predictions: usize, distances: usize, count: usize, delta: usize): f64 {
  const high = f32x4.splat(plan.delta);
  const low = f32x4.neg(high);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const predicted = v128.load(predictions);
  // The memory after the last sample is the engine's own, so that a whole vector may be read.
  const target = v128.load(distances);
  const used = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>count));
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
  const sign = f32x4.sub(v128.and(one, f32x4.gt(difference, zero)), v128.and(one, f32x4.lt(difference, zero)));
  v128.store(delta, v128.and(sign, live));
  const loss = v128.and(f32x4.abs(difference), used);
  return (
    <f64>f32x4.extract_lane(loss, 0) +
    <f64>f32x4.extract_lane(loss, 1) +
    (<f64>f32x4.extract_lane(loss, 2) + <f64>f32x4.extract_lane(loss, 3))
  );
}

/** `eikonalLoss` of src/training/eikonal.ts, its derivatives alone, in double precision: differences of near distances. */
function stencilGradient(plan: Plan, distances: usize, delta: usize): void {
  const width: f64 = 4 * <f64>plan.stencilStep;
  const a = <f64>load<f32>(distances);
  const b = <f64>load<f32>(distances, 4);
  const c = <f64>load<f32>(distances, 8);
  const d = <f64>load<f32>(distances, 12);
  const x = (a + b - c - d) / width;
  const y = (a - b + c - d) / width;
  const z = (a - b - c + d) / width;
  const length = Math.sqrt(x * x + y * y + z * z);
  const factor = length > 0 ? (<f64>plan.eikonalScale * 2 * (length - 1)) / length / width : 0;
  store<f32>(delta, <f32>(factor * (x + y + z)));
  store<f32>(delta, <f32>(factor * (x - y - z)), 4);
  store<f32>(delta, <f32>(factor * (y - x - z)), 8);
  store<f32>(delta, <f32>(factor * (z - x - y)), 12);
}
