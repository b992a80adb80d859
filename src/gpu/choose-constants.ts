import type { TraceConstants } from './compose-wgsl.js';
import { gridResolutionFor } from './grid-resolution.js';

/**
 * The numbers that an asset's shapes are traced with.
 * @param shapes NeuralShapes, for one
 * @param options gridResolution: cells along the grid of free leaps, at least, default 32; maxEvaluations: cap along a ray, default 64
 */
export function chooseConstants(
  { halfExtent, delta, stepScale }: Pick<TraceConstants, 'halfExtent' | 'delta' | 'stepScale'>,
  options: { readonly gridResolution?: number; readonly maxEvaluations?: number } = {},
): TraceConstants {
  return {
    halfExtent,
    delta,
    stepScale,
    gridResolution: gridResolutionFor({ halfExtent, delta, stepScale }, options.gridResolution ?? 32),
    // A twentieth of a pixel where the box fills a 1000-pixel screen.
    tolerance: 2e-4 * halfExtent,
    // Below the thinnest part that a decoder of this size can hold. Steps are aimed to use four tenths of it. A covered pixel of a chair takes
    // 5.3 evaluations (npm run bench -- trace-rays); at 0.014 with six tenths used, it took 0.3 more and as many rays passed an edge.
    gap: 0.018 * halfExtent,
    maxEvaluations: options.maxEvaluations ?? 64,
  };
}
