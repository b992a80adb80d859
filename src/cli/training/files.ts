/** What a training run writes beside its output. */
export interface TrainingFiles {
  readonly checkpoint: string;
  readonly best: string;
  readonly log: string;
  readonly plot: string;
  /** Kept for good. */
  snapshot(epoch: number): string;
}

export function trainingFiles(output: string): TrainingFiles {
  return {
    checkpoint: `${output}.checkpoint`,
    best: `${output}.best.checkpoint`,
    log: `${output}.log.jsonl`,
    plot: `${output}.svg`,
    snapshot: (epoch) => `${output}.epoch-${epoch}.checkpoint`,
  };
}
