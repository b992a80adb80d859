import type { BatchEvaluator } from './batch-evaluator.js';
import type { BatchPace } from './batch-pace.js';
import type { SampleSource } from './brick-samples.js';
import type { DistanceStore } from './distance-store.js';

/** What a decoder's distances are had from, and how fast. */
export interface Evaluation {
  readonly evaluator: BatchEvaluator;
  readonly pace: BatchPace;
}

export interface EvaluationOptions {
  /** Asked whenever others have had their turn: whether to go on. */
  readonly isCurrent: () => boolean;
  /** Milliseconds of batches that may be queued at once, whatever comes after them has to wait. */
  readonly budget?: number;
  /** Told after each batch was handed over. */
  readonly onBatch?: (count: number) => void;
  /** Told before the next batch is, once others have had their turn: the share that is done, 0 to 1. */
  readonly onTurn?: (done: number) => void;
}

/**
 * Evaluates a decoder at all samples of a source, in batches over the frames.
 * @param latent [codeLength]; the array itself tells this fill from others, also where one is evaluated in several goes
 * @returns false where it was given up; else the distances are in the store for whatever is queued next
 * @throws what a batch of this fill has failed with
 */
export async function evaluateSamples(
  { evaluator, pace }: Evaluation,
  latent: Float32Array,
  source: SampleSource,
  into: DistanceStore,
  { isCurrent, budget, onBatch, onTurn }: EvaluationOptions,
): Promise<boolean> {
  const batch = new Float32Array(4 * evaluator.mostRows);
  const slots = new Uint32Array(batch.buffer);
  for (;;) {
    const count = source.next(batch, slots, pace.rows);
    if (count === 0) break;
    pace.add(count, evaluator.evaluate(latent, batch.buffer, count, into), latent);
    onBatch?.(count);
    if (!pace.isFull(budget)) continue;
    await pace.room(latent);
    if (!isCurrent()) return false;
    onTurn?.(source.done);
  }
  if (!evaluator.feeding.isOrdered) await pace.idle(latent);
  return isCurrent();
}
