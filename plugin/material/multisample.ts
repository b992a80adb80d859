import type { Effect } from '@babylonjs/core/Materials/effect.js';

/**
 * The fragment stage of a traced effect for a multisampled pass: its module with a sample mask among the outputs, which Babylon's WGSL
 * has no name for, and the number of samples told to the code (see shaders/coverage.wgsl).
 * @returns undefined for a pass of one sample, and for code that has no coverage
 */
export function multisampledStage(
  device: GPUDevice,
  effect: Effect,
  stage: GPUFragmentState,
  sampleCount: number,
): GPUFragmentState | undefined {
  const code = effect.fragmentSourceCode;
  if (sampleCount === 1 || !code.includes('override SDF_SAMPLES') || !code.includes(DEPTH)) return undefined;
  const masked = code
    .replace(DEPTH, `${DEPTH}\n  @builtin(sample_mask) sdfMask: u32,`)
    .replaceAll('return fragmentOutputs;', 'fragmentOutputs.sdfMask = sdfSampleMask; return fragmentOutputs;');
  const module = device.createShaderModule({ label: 'neural-sdf multisampled', code: masked });
  return { ...stage, module, constants: { ...stage.constants, SDF_SAMPLES: sampleCount } };
}

/** As Babylon (9.34) declares it. */
const DEPTH = '@builtin(frag_depth) fragDepth: f32,';
