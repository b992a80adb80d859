import { mean } from '../evaluation/known-shapes.js';
import type { StudyRow } from './run-study.js';
import type { Study } from './study.js';

/** What the runs of one case came to together: means over those that learnt anything. Lengths in model units. */
export interface StudySummary {
  readonly series: string;
  readonly x: number;
  readonly runs: number;
  /** Runs whose decoder became a constant. */
  readonly stuck: number;
  readonly steps: number;
  readonly seconds: number;
  readonly loss: number;
  /** `low` and `high` are the least and the largest mean of a run. */
  readonly chamferX1000: { readonly mean: number; readonly median: number; readonly low: number; readonly high: number };
  readonly surfaceDistance: number;
  readonly accuracy: number;
  readonly cosineSimilarity?: number;
  /** Shapes without a surface, of all runs that learnt. */
  readonly empty: number;
}

/** One summary a case that has been run, in the study's order. */
export function summarizeRows({ cases }: Study, rows: readonly StudyRow[]): StudySummary[] {
  return cases.flatMap(({ series, x }) => {
    const all = rows.filter((row) => row.series === series && row.x === x);
    if (all.length === 0) return [];
    const learnt = all.filter((row) => !row.collapsed);
    // Where none has learnt anything, the worst of each is what there is.
    const shown = learnt.length > 0 ? learnt : all;
    const of = (value: (row: StudyRow) => number) => mean(shown.map(value));
    const chamfers = shown.map((row) => row.chamferX1000.mean);
    const cosines = shown.flatMap((row) => row.cosineSimilarity ?? []);
    return [
      {
        series,
        x,
        runs: all.length,
        stuck: all.length - learnt.length,
        steps: Math.round(of((row) => row.steps)),
        seconds: of((row) => row.seconds),
        loss: of((row) => row.loss),
        chamferX1000: {
          mean: mean(chamfers),
          median: of((row) => row.chamferX1000.median),
          low: Math.min(...chamfers),
          high: Math.max(...chamfers),
        },
        surfaceDistance: of((row) => row.surfaceDistance),
        accuracy: of((row) => row.accuracy),
        ...(cosines.length > 0 && { cosineSimilarity: mean(cosines) }),
        empty: learnt.reduce((sum, row) => sum + row.empty, 0),
      },
    ];
  });
}
