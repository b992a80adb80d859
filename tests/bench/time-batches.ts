import type { BatchEvaluator } from '../../src/gpu/bricks/batch-evaluator.js';
import { quantile } from '../support/ray-judge.js';

/** What each batch held the device or a thread for, from now on. */
export function timeBatches(evaluator: BatchEvaluator): { describe(): string } {
  const times: number[] = [];
  const evaluate = evaluator.evaluate.bind(evaluator);
  evaluator.evaluate = async (...args) => {
    const milliseconds = await evaluate(...args);
    times.push(milliseconds);
    return milliseconds;
  };
  return {
    describe() {
      const ascending = Float64Array.from(times).sort();
      const [median, p95, longest] = [0.5, 0.95, 1].map((share) => quantile(ascending, share).toFixed(0));
      const slow = times.filter((time) => time > 100).length;
      return `${median} / ${p95} / ${longest}, ${slow} of ${times.length} over 100`;
    },
  };
}
