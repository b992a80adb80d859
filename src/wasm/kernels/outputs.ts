// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { activatePanel } from './activation';
import { dropPanel } from './dropout';
import { tanh } from './functions';
import { normalizePanel, normBackwardPanel, sumNormGradients } from './layer-norm';
import { Layer, Plan, panelStride } from './layout';

/**
 * What a shaped layer does to its products, in place while they are in the cache: layer norm, activation, dropout.
 * @param firstRow the tile's first row in the batch, which dropout depends on
 */
export function shapeOutputs(
  plan: Plan,
  layer: Layer,
  workspace: usize,
  panels: usize,
  stride: usize,
  panelCount: usize,
  firstRow: usize,
): void {
  for (let panel: usize = 0; panel < panelCount; panel++) {
    const values = panels + panel * stride;
    const slopes = workspace + layer.slopes + panel * panelStride(layer.outputs);
    if (layer.layerNorm) normalizePanel(plan, layer, values, workspace + layer.standardized + panel * panelStride(layer.outputs + 1));
    activatePanel(layer, plan.activationScale, values, slopes);
    if (layer.dropped) dropPanel(plan, layer, values, slopes, firstRow + panel * 8);
  }
}

/**
 * Layer norm's way back, in place. (Activation and dropout went back with the product.)
 * @param delta panels of d/d layer norm's output
 * @param sums of the tile, 0 for none
 */
export function shapeBackward(plan: Plan, layer: Layer, workspace: usize, delta: usize, panelCount: usize, sums: usize): void {
  if (!layer.layerNorm) return;
  const standardized = workspace + layer.standardized;
  if (sums) sumNormGradients(layer, delta, standardized, panelCount, sums);
  for (let panel: usize = 0; panel < panelCount; panel++) {
    normBackwardPanel(plan, layer, delta + panel * panelStride(layer.outputs), standardized + panel * panelStride(layer.outputs + 1));
  }
}

/** The tanhs behind the last layer: row 0 of the output panels becomes the distance, row 1 its derivative by what it was. */
export function finishOutputs(plan: Plan, workspace: usize, panelCount: usize): void {
  if (!plan.innerTanh && !plan.outputTanh) return;
  for (let panel: usize = 0; panel < panelCount; panel++) {
    for (let half: usize = 0; half < 32; half += 16) {
      const at = workspace + plan.output + panel * panelStride(1) + half;
      let value = v128.load(at);
      let slope = f32x4.splat(1);
      for (let times = plan.innerTanh + plan.outputTanh; times > 0; times--) {
        value = tanh(value);
        slope = f32x4.mul(slope, f32x4.sub(f32x4.splat(1), f32x4.mul(value, value)));
      }
      v128.store(at, value);
      v128.store(at, slope, 32);
    }
  }
}
