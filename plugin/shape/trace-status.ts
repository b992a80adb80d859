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

/** A line for a reader: how the shape is shown, how far that is, and how far off, distances in model units. */
export function describeTraceStatus({ form, resolution, progress, isComplete, errorMean, errorP99 }: TraceStatus): string {
  if (form === 'baked') return 'baked mesh';
  if (form !== 'bricks') return isComplete ? `${form}, exact` : `${form}, not ready`;
  const shown = resolution > 0 ? `bricks, ${resolution} along the box` : 'bricks, none yet';
  if (!isComplete) return `${shown}, the next ${Math.floor(100 * progress)} %`;
  if (errorMean === undefined || errorP99 === undefined) return `${shown}, no surface to measure an error at`;
  return `${shown}, off by ${errorMean.toExponential(1)}, 99 % of it by less than ${errorP99.toExponential(1)}`;
}
