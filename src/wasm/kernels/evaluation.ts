// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { layerAt, Plan, panelStride } from './layout';
import { backwardTile, encodeTile, forwardTile, pointRows, seedTile } from './tile';

/**
 * Signed distances of one shape (the biases of group 0).
 * @param points [count][3]
 * @param out [count]
 * @param gradients [count][3] by point, 0 for none
 */
export function evaluatePoints(plan: Plan, points: usize, count: usize, out: usize, gradients: usize): void {
  const workspace = plan.workspaces;
  for (let first: usize = 0; first < count; first += plan.tileSamples) {
    const samples = min(plan.tileSamples, count - first);
    const panelCount = (samples + 7) >> 3;
    encodeTile(plan, workspace, points + first * 12, samples);
    forwardTile(plan, workspace, plan.biases, panelCount, 0, gradients !== 0);
    for (let i: usize = 0; i < samples; i++) store<f32>(out + (first + i) * 4, load<f32>(rowZero(plan.output, workspace, i)));
    if (!gradients) continue;
    for (let i: usize = 0; i < panelCount * 8; i++) store<f32>(rowZero(plan.deltaA, workspace, i), 1);
    seedTile(plan, workspace, panelCount);
    memory.fill(workspace + plan.encodedGradient, 0, panelCount * panelStride(plan.encodedLength));
    backwardTile(plan, workspace, panelCount, 0, false, 0, true);
    for (let i: usize = 0; i < samples; i++) pointGradient(plan, workspace, i, gradients + (first + i) * 12);
  }
}

function rowZero(offset: usize, workspace: usize, sample: usize): usize {
  return workspace + offset + (sample >> 3) * panelStride(1) + (sample & 7) * 4;
}

/** Chain rule through the encoding, as `encodePointGradient` has it. */
function pointGradient(plan: Plan, workspace: usize, sample: usize, out: usize): void {
  const encoded = pointRows(layerAt(plan, 0), workspace, sample >> 3) + (sample & 7) * 4;
  const gradient = workspace + plan.encodedGradient + (sample >> 3) * panelStride(plan.encodedLength) + (sample & 7) * 4;
  for (let axis: usize = 0; axis < 3; axis++) {
    let sum = load<f32>(gradient + axis * 32);
    let frequency: f32 = <f32>Math.PI;
    for (let octave: usize = 0; octave < plan.octaves; octave++) {
      const sine: usize = (3 + 6 * octave + axis) * 32;
      const cosine = sine + 96;
      sum +=
        frequency * (load<f32>(encoded + cosine) * load<f32>(gradient + sine) - load<f32>(encoded + sine) * load<f32>(gradient + cosine));
      frequency *= 2;
    }
    store<f32>(out + axis * 4, sum);
  }
}
