import type { BrickStatus } from '../../src/gpu/bricks/brick-field.js';
import type { BakeDecision, BakeForm } from '../../src/gpu/choose-bake.js';

/** How a shape is shown, and how near that is to the decoder's own surface. */
export interface TraceStatus {
  /** How the decoder is put before the shader; 'baked' where nothing can be traced and the baked mesh is all there is. */
  readonly form: BakeForm | 'baked';
  /** Why that form, in one line. */
  readonly reason: string;
  /** Of bricks: cells along the box of what is shown, 0 before there is anything. Of other forms: 0, they are exact at every pixel. */
  readonly resolution: number;
  /** Of the level of bricks that is being filled, 0 to 1. */
  readonly progress: number;
  /** Whether what is shown is the finest there will be, until the next edit. */
  readonly isComplete: boolean;
  /** Of bricks: evaluations of the decoder since the last edit. */
  readonly evaluations?: number;
  /** Of complete bricks, measured: |shown - decoder| near the surface, mean and 99th percentile, model units (distances, as `delta`). */
  readonly errorMean?: number;
  readonly errorP99?: number;
}

/** @param bricks undefined for forms that are exact */
export function traceStatusOf({ form, reason }: BakeDecision, isReady: boolean, bricks: BrickStatus | undefined): TraceStatus {
  if (!bricks) return { form, reason, resolution: 0, progress: isReady ? 1 : 0, isComplete: isReady };
  const { resolution, progress, isComplete, evaluations, error } = bricks;
  return { form, reason, resolution, progress, isComplete, evaluations, errorMean: error?.mean, errorP99: error?.p99 };
}
