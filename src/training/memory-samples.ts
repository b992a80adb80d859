import type { ShapeSamples } from '../dataset/samples.js';
import { firstNotFinite } from '../decoder/decoder.js';
import { NeuralSdfError } from '../errors.js';
import { digestSamples } from './digest-samples.js';
import { gatherRows, rowOrder } from './row-order.js';
import type { RowBlock, RowCounts, SampleSource } from './sample-source.js';

/** Samples that are all in memory. */
export class MemorySamples implements SampleSource {
  readonly digest: string;
  private readonly _shapes: readonly ShuffledShape[];

  /** @throws NeuralSdfError SAMPLES_INVALID naming the shape that has a NaN, or no sample on one side */
  constructor(samples: readonly ShapeSamples[]) {
    if (samples.length === 0) throw new NeuralSdfError('SAMPLES_INVALID', 'no shape to train on');
    samples.forEach(checkSamples);
    this.digest = digestSamples(samples);
    this._shapes = samples.map((shape) => new ShuffledShape(shape));
  }

  get shapeCount(): number {
    return this._shapes.length;
  }

  async rowCounts(shape: number): Promise<RowCounts> {
    return this._shapes[shape].counts;
  }

  async read(blocks: readonly RowBlock[], into: Float32Array): Promise<void> {
    let at = 0;
    for (const block of blocks) {
      this._shapes[block.shape].read(block, into, at);
      at += block.count;
    }
  }
}

/** One shape's samples in a source's order, left where they are. */
class ShuffledShape {
  readonly counts: RowCounts;
  private readonly _samples: ShapeSamples;
  /** Made when first asked for: 4 bytes a row. */
  private _order?: { negative: Uint32Array; positive: Uint32Array };

  constructor(samples: ShapeSamples) {
    this._samples = samples;
    this.counts = { negative: samples.negative.length / 4, positive: samples.positive.length / 4 };
  }

  /** @param into takes the block's rows from row `at` on */
  read({ side, first, count }: RowBlock, into: Float32Array, at: number): void {
    this._order ??= { negative: rowOrder(this.counts.negative), positive: rowOrder(this.counts.positive) };
    const order = this._order[side];
    const head = order.subarray(first, first + count);
    gatherRows(this._samples[side], head, into, at);
    gatherRows(this._samples[side], order.subarray(0, count - head.length), into, at + head.length);
  }
}

/** @throws NeuralSdfError SAMPLES_INVALID naming the shape that has a NaN, or no sample on one side */
export function checkSamples({ name, negative, positive }: ShapeSamples): void {
  for (const [side, rows] of Object.entries({ negative, positive })) {
    const bad = rows.length === 0 || rows.length % 4 !== 0 ? 'has no sample' : firstNotFinite(rows) >= 0 ? 'has a NaN or an infinity' : '';
    if (bad) throw new NeuralSdfError('SAMPLES_INVALID', `shape '${name}' ${bad} on its ${side} side: prepare it again`, { name, side });
  }
}
