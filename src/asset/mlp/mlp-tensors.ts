import { NeuralSdfError } from '../../errors.js';
import { refuseCheckpoint } from '../pytorch/byte-cursor.js';
import type { StoredTensor } from '../pytorch/tensor.js';
import { applyWeightNorm } from '../state-dict.js';
import type { MlpLayer, MlpSpec } from './mlp-spec.js';

/** Row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** A file's tensors, and which of them the spec has asked for. */
export class MlpTensors {
  private readonly _unread: Set<string>;

  constructor(
    private readonly _tensors: ReadonlyMap<string, StoredTensor>,
    private readonly _weights: MlpSpec['weights'],
  ) {
    this._unread = new Set(_tensors.keys());
  }

  /** [rows, columns]; a middle dimension of 1, as in older DeepSDF's codes, is dropped. @throws NeuralSdfError CHECKPOINT_INVALID, SHAPE_MISMATCH */
  matrix(name: string): Matrix {
    const tensor = this._find(name);
    const { shape } = tensor;
    const [rows, columns] = shape.length === 3 && shape[1] === 1 ? [shape[0], shape[2]] : shape;
    // Nothing is as large as it likes: [2^50, 0] holds no value.
    if (shape.length < 2 || tensor.length === 0 || rows * columns !== tensor.length) refuseShape(name, tensor, 'two dimensions');
    return { rows, columns, values: tensor.toFloat32() };
  }

  /** Effective weights [outputs, inputs]. @throws NeuralSdfError CHECKPOINT_INVALID, SHAPE_MISMATCH */
  weight(weight: MlpLayer['weight']): Matrix {
    const stored = this.matrix(typeof weight === 'string' ? weight : weight[1]);
    const matrix = this._weights === 'out-in' ? stored : transposed(stored);
    if (typeof weight === 'string') return matrix;
    return { ...matrix, values: applyWeightNorm(this.vector(weight[0], matrix.rows), matrix.values, matrix.columns) };
  }

  /** @throws NeuralSdfError CHECKPOINT_INVALID, SHAPE_MISMATCH */
  vector(name: string, length: number): Float32Array {
    const tensor = this._find(name);
    return tensor.length === length ? tensor.toFloat32() : refuseShape(name, tensor, `${length} values`);
  }

  /** @throws NeuralSdfError ASSET_UNSUPPORTED naming tensors that nobody asked for */
  refuseUnread(unused: readonly string[]): void {
    const names = [...this._unread].filter((name) => !unused.includes(name));
    if (names.length === 0) return;
    const listed = names.slice(0, 8).join(', ') + (names.length > 8 ? ', …' : '');
    throw new NeuralSdfError(
      'ASSET_UNSUPPORTED',
      `tensors that the MLP spec does not mention: ${listed}; list them under "unused" if that is meant`,
      {
        names,
      },
    );
  }

  private _find(name: string): StoredTensor {
    const tensor = this._tensors.get(name);
    if (!tensor) {
      const there = [...this._tensors.keys()];
      const listed = there.slice(0, 12).join(', ') + (there.length > 12 ? ', …' : '');
      return refuseCheckpoint(`no tensor '${name}'; there are: ${listed}`, { name, there });
    }
    this._unread.delete(name);
    return tensor;
  }
}

function refuseShape(name: string, { shape }: StoredTensor, expected: string): never {
  throw new NeuralSdfError('SHAPE_MISMATCH', `tensor ${name} has shape [${shape}], the MLP spec wants ${expected}`, { name, shape });
}

function transposed({ rows, columns, values }: Matrix): Matrix {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column];
  return { rows: columns, columns: rows, values: result };
}
