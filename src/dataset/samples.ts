import { firstNotFinite } from '../decoder/decoder.js';
import { NeuralSdfError } from '../errors.js';
import type { NpyArray } from './npy.js';
import { readNpz, writeNpz } from './npz.js';

/** Signed distance samples of one shape, DeepSDF's layout: rows of x, y, z, signed distance in model units. */
export interface ShapeSamples {
  readonly name: string;
  /** [n, 4], distances > 0 (outside) */
  readonly positive: Float32Array;
  /** [m, 4], distances < 0 (inside) */
  readonly negative: Float32Array;
}

export interface ReadSamples {
  readonly samples: ShapeSamples;
  /** Rows that held a NaN or an infinity; files in the wild do. */
  readonly droppedRows: number;
}

/**
 * Reads DeepSDF's sample file: .npz with `pos` and `neg`, [n, 4] float32 each.
 * @param name of the shape, also used in messages
 * @throws NeuralSdfError SAMPLES_INVALID when the file is damaged, an array is missing or not [n, 4], or no row is usable
 */
export function readSamples(bytes: Uint8Array, name: string): ReadSamples {
  const arrays = readNpz(bytes, name);
  const positive = rowsOf(arrays.get('pos'), `${name}: pos`);
  const negative = rowsOf(arrays.get('neg'), `${name}: neg`);
  const samples = { name, positive: finiteRows(positive), negative: finiteRows(negative) };
  if (samples.positive.length + samples.negative.length === 0) {
    throw new NeuralSdfError('SAMPLES_INVALID', `${name}: no usable sample`, { name });
  }
  const droppedRows = (positive.length - samples.positive.length + negative.length - samples.negative.length) / 4;
  return { samples, droppedRows };
}

/** Writes DeepSDF's sample file. */
export function writeSamples(samples: ShapeSamples): Uint8Array<ArrayBuffer> {
  const array = (data: Float32Array): NpyArray => ({ shape: [data.length / 4, 4], data });
  return writeNpz({ pos: array(samples.positive), neg: array(samples.negative) });
}

function rowsOf(array: NpyArray | undefined, what: string): Float32Array {
  const data = array?.data;
  const isFloat = data instanceof Float32Array || data instanceof Float64Array;
  if (!isFloat || array!.shape.length !== 2 || array!.shape[1] !== 4) {
    const found = array ? `is [${array.shape.join(', ')}]${isFloat ? '' : ', not floating point'}` : 'is missing';
    throw new NeuralSdfError('SAMPLES_INVALID', `${what} ${found}; DeepSDF's sample files hold [n, 4] floats`, { what });
  }
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

function finiteRows(rows: Float32Array): Float32Array {
  // Nearly always: and many times faster than picking rows.
  if (firstNotFinite(rows) < 0) return rows;
  const kept = new Float32Array(rows.length);
  let length = 0;
  for (let i = 0; i < rows.length; i += 4) {
    // A sum of four numbers is finite only if each is; one branch a row.
    if (!Number.isFinite(rows[i] + rows[i + 1] + rows[i + 2] + rows[i + 3])) continue;
    kept.set(rows.subarray(i, i + 4), length);
    length += 4;
  }
  return kept.slice(0, length);
}
