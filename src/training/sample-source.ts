import type { ShapeSamples } from '../dataset/samples.js';

export type SampleSide = 'negative' | 'positive';

/** Samples of a shape, by the side of the surface they are on. */
export interface RowCounts {
  readonly negative: number;
  readonly positive: number;
}

/** Consecutive rows of one side of a shape, in its source's order; after the last row follows the first. */
export interface RowBlock {
  readonly shape: number;
  readonly side: SampleSide;
  /** Below the side's row count. */
  readonly first: number;
  /** At most the side's row count. */
  readonly count: number;
}

/**
 * The samples of a run's shapes, wherever they lie. Each side of a shape is in a random order that is always the same
 * (`rowOrder`), so that a block of neighbours is a random sample, and a run takes the same steps from a disk as from memory.
 */
export interface SampleSource {
  readonly shapeCount: number;
  /** Names and contents in 60 characters or so: other samples give another text. */
  readonly digest: string;
  /** Makes a shape ready for reading. @throws NeuralSdfError SAMPLES_INVALID naming the shape */
  rowCounts(shape: number): Promise<RowCounts>;
  /**
   * Reads blocks of shapes whose rows have been counted.
   * @param into [at least the blocks' rows, 4]: x, y, z, signed distance, block after block
   */
  read(blocks: readonly RowBlock[], into: Float32Array): Promise<void>;
}

/** An array of samples, or a source of them. */
export type Samples = readonly ShapeSamples[] | SampleSource;

export function isSampleSource(samples: Samples): samples is SampleSource {
  return 'digest' in samples;
}
