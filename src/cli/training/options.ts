import type { TrainingBackend } from '../../training/index.js';
import type { CommonOptions } from '../options.js';

/** Options of `train`. */
export interface TrainOptions extends CommonOptions {
  readonly output: string;
  readonly spec?: string;
  readonly split?: string;
  readonly validation?: string;
  readonly backend: TrainingBackend;
  readonly threads: number;
  readonly timeBudget?: number;
  readonly steps?: number;
  readonly resume?: boolean;
  readonly checkpointEvery: number;
  readonly use: 'latest' | 'best';
  /** MiB. */
  readonly memory: number;
  readonly width: number;
  readonly layers: number;
  readonly codeLength: number;
  readonly octaves: number;
  readonly baked: number;
  /** Grid cells along a side for the figures. */
  readonly resolution: number;
}
