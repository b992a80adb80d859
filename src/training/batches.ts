import type { ShapeSamples } from '../dataset/samples.js';
import { firstNotFinite } from '../decoder/decoder.js';
import { NeuralSdfError } from '../errors.js';
import { Random } from '../random.js';
import type { TrainingBatch } from './engine.js';

/** Where a BatchSource stands: one restored from it goes on with the very same batches. */
export interface BatchSourceState {
  /** Random.save() */
  readonly random: readonly number[];
  /** Shapes in the order of the current pass. */
  readonly order: readonly number[];
  /** How many of them the pass has used. */
  readonly used: number;
}

/**
 * Endless batches: shapes in shuffled passes, so that each is visited equally often, and of each shape as many samples
 * inside as outside, drawn with replacement (as the authors' code does, which keeps decoders from calling all of space outside).
 */
export class BatchSource {
  private readonly _samples: readonly ShapeSamples[];
  private readonly _shapesPerStep: number;
  private readonly _samplesPerShape: number;
  private _random: Random;
  private _order: Uint32Array;
  private _used: number;

  /** @throws NeuralSdfError SAMPLES_INVALID naming the shape that has a NaN, or no sample on one side */
  constructor(samples: readonly ShapeSamples[], shapesPerStep: number, samplesPerShape: number, random: Random) {
    checkSamples(samples);
    this._samples = samples;
    this._shapesPerStep = shapesPerStep;
    this._samplesPerShape = samplesPerShape;
    this._random = random;
    this._order = Uint32Array.from(samples.keys());
    this._used = samples.length;
  }

  next(): TrainingBatch {
    const count = this._shapesPerStep * this._samplesPerShape;
    const shapes = new Uint32Array(this._shapesPerStep);
    const points = new Float32Array(3 * count);
    const distances = new Float32Array(count);
    for (let group = 0; group < shapes.length; group++) {
      shapes[group] = this._nextShape();
      const { negative, positive } = this._samples[shapes[group]];
      for (let i = 0; i < this._samplesPerShape; i++) {
        const rows = i % 2 === 0 ? negative : positive;
        const from = 4 * this._random.index(rows.length / 4);
        const to = group * this._samplesPerShape + i;
        points[3 * to] = rows[from];
        points[3 * to + 1] = rows[from + 1];
        points[3 * to + 2] = rows[from + 2];
        distances[to] = rows[from + 3];
      }
    }
    return { shapes, samplesPerShape: this._samplesPerShape, points, distances };
  }

  save(): BatchSourceState {
    return { random: this._random.save(), order: [...this._order], used: this._used };
  }

  restore(state: BatchSourceState): void {
    this._random = Random.restore(state.random);
    this._order = Uint32Array.from(state.order);
    this._used = state.used;
  }

  private _nextShape(): number {
    if (this._used === this._order.length) {
      this._random.shuffle(this._order);
      this._used = 0;
    }
    return this._order[this._used++];
  }
}

function checkSamples(samples: readonly ShapeSamples[]): void {
  if (samples.length === 0) throw new NeuralSdfError('SAMPLES_INVALID', 'no shape to train on');
  for (const { name, negative, positive } of samples) {
    for (const [side, rows] of Object.entries({ negative, positive })) {
      const bad =
        rows.length === 0 || rows.length % 4 !== 0 ? 'has no sample' : firstNotFinite(rows) >= 0 ? 'has a NaN or an infinity' : '';
      if (bad) throw new NeuralSdfError('SAMPLES_INVALID', `shape '${name}' ${bad} on its ${side} side: prepare it again`, { name, side });
    }
  }
}
