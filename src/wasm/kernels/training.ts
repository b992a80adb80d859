// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { Plan } from './layout';
import { lossOfTile } from './loss';
import { backwardTile, encodeTile, forwardTile, seedTile } from './tile';

/**
 * Forward, loss and backward of one slice of the batch's tiles. What a tile alone knows (sums, loss) goes to the tile's place, the weight
 * gradients to the slice's: the result does not depend on which thread runs which slice, nor on how many threads there are.
 */
export function runSlice(plan: Plan, workspace: usize, slice: usize): void {
  const gradient = plan.sliceGradients + slice * plan.sliceGradientStride;
  const first = (slice * plan.tiles) / plan.slices;
  const end = ((slice + 1) * plan.tiles) / plan.slices;
  for (let tile = first; tile < end; tile++) {
    const group = tile / plan.tilesPerGroup;
    const start = (tile % plan.tilesPerGroup) * plan.tileSamples;
    const count = min(plan.tileSamples, plan.samplesPerShape - start);
    const row = group * plan.samplesPerShape + start;
    const panelCount = (count + 7) >> 3;
    encodeTile(plan, workspace, plan.points + row * 12, count);
    forwardTile(plan, workspace, plan.biases + group * plan.biasStride, panelCount, row, true);
    store<f64>(plan.tileLosses + tile * 8, lossOfTile(plan, workspace, plan.distances + row * 4, start, count));
    seedTile(plan, workspace, panelCount);
    backwardTile(plan, workspace, panelCount, gradient, tile > first, plan.tileSums + tile * plan.sumStride, false);
  }
}
