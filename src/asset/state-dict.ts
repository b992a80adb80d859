import type { LayerNorm } from '../decoder/layer-norm.js';
import { NeuralSdfError } from '../errors.js';
import { refuseCheckpoint } from './pytorch/byte-cursor.js';
import { PickleDict, type PickleValue } from './pytorch/pickle-values.js';
import { StoredTensor } from './pytorch/tensor.js';

/** A linear layer's effective parameters, weight normalisation applied. */
export interface LinearLayer {
  /** [outputs, inputs], row-major. */
  readonly weight: Float32Array;
  /** [outputs] */
  readonly bias: Float32Array;
  readonly normalized: boolean;
}

/** No layer list is longer; a file that lists more parameters holds something else. */
const MAX_TENSORS = 4096;
/** What DataParallel puts before every key. */
const PARALLEL_PREFIX = 'module.';

/** PyTorch's state dict: parameters by dotted name, without DataParallel's `module.`. Remembers what was read, so that nothing is ignored. */
export class StateDict {
  /** Names of submodules, where the file tells (`_metadata`): those without parameters, such as a tanh, show only here. */
  readonly modules?: ReadonlySet<string>;
  private readonly _unread: Set<string>;

  private constructor(
    private readonly _tensors: ReadonlyMap<string, StoredTensor>,
    modules: readonly string[] | undefined,
  ) {
    this._unread = new Set(_tensors.keys());
    this.modules = modules && new Set(modules);
  }

  /** @throws NeuralSdfError CHECKPOINT_INVALID when it is no dict of tensors */
  static fromPickle(value: PickleValue): StateDict {
    if (!(value instanceof PickleDict)) return refuseCheckpoint('no state dict of parameters');
    const tensors = new Map<string, StoredTensor>();
    for (const [name, tensor] of value.entries) {
      if (typeof name !== 'string' || !(tensor instanceof StoredTensor)) return refuseCheckpoint(`parameter ${String(name)} is no tensor`);
      tensors.set(name, tensor);
    }
    const metadata = value.attributes instanceof PickleDict ? value.attributes.get('_metadata') : undefined;
    const modules = metadata instanceof PickleDict ? [...metadata.entries.keys()].map(String) : undefined;
    return StateDict.fromTensors(tensors, modules);
  }

  /** @throws NeuralSdfError CHECKPOINT_INVALID when it is empty or larger than any decoder's */
  static fromTensors(tensors: ReadonlyMap<string, StoredTensor>, modules?: readonly string[]): StateDict {
    if (tensors.size === 0 || tensors.size > MAX_TENSORS) refuseCheckpoint(`a state dict of ${tensors.size} tensors`);
    const parallel = [...tensors.keys()].every((name) => name.startsWith(PARALLEL_PREFIX));
    const strip = (name: string) => (parallel && name.startsWith(PARALLEL_PREFIX) ? name.slice(PARALLEL_PREFIX.length) : name);
    return new StateDict(new Map([...tensors].map(([name, tensor]) => [strip(name), tensor])), modules?.map(strip));
  }

  has(name: string): boolean {
    return this._tensors.has(name);
  }

  /** Reads and forgets a parameter. */
  skip(name: string): void {
    this._unread.delete(name);
  }

  /**
   * A parameter's values.
   * @throws NeuralSdfError CHECKPOINT_INVALID when it is missing, SHAPE_MISMATCH naming it, before anything is allocated
   */
  read(name: string, ...shape: number[]): Float32Array {
    const tensor = this._tensors.get(name) ?? refuseCheckpoint(`parameter ${name} is missing`, { name });
    if (tensor.shape.join() !== shape.join()) {
      throw new NeuralSdfError('SHAPE_MISMATCH', `checkpoint: ${name} has shape [${tensor.shape}], the specs say [${shape}]`, {
        name,
        shape: tensor.shape,
        expected: shape,
      });
    }
    this._unread.delete(name);
    return tensor.toFloat32();
  }

  /**
   * A linear layer: `weight`, or weight normalisation in either of PyTorch's spellings, and `bias`.
   * @throws NeuralSdfError CHECKPOINT_INVALID, SHAPE_MISMATCH
   */
  linear(name: string, outputs: number, inputs: number): LinearLayer {
    const spelling = WEIGHT_NORM.find(([g]) => this.has(`${name}.${g}`));
    const bias = this.read(`${name}.bias`, outputs);
    if (!spelling) return { weight: this.read(`${name}.weight`, outputs, inputs), bias, normalized: false };
    const g = this.read(`${name}.${spelling[0]}`, outputs, 1);
    const v = this.read(`${name}.${spelling[1]}`, outputs, inputs);
    return { weight: applyWeightNorm(g, v, inputs), bias, normalized: true };
  }

  /** PyTorch's LayerNorm. @throws NeuralSdfError CHECKPOINT_INVALID, SHAPE_MISMATCH */
  layerNorm(name: string, outputs: number): LayerNorm {
    return { gain: this.read(`${name}.weight`, outputs), shift: this.read(`${name}.bias`, outputs) };
  }

  /** Number of columns of a linear layer's weight, undefined where there is none. */
  inputsOf(name: string): number | undefined {
    const [weight] = ['weight', ...WEIGHT_NORM.map(([, v]) => v)].flatMap((key) => this._tensors.get(`${name}.${key}`) ?? []);
    return weight?.shape[1];
  }

  /** Parameters that nobody read. */
  get unread(): readonly string[] {
    return [...this._unread];
  }
}

/** Names of g [outputs, 1] and v [outputs, inputs]: torch.nn.utils.weight_norm, and its successor among the parametrizations. */
const WEIGHT_NORM = [
  ['weight_g', 'weight_v'],
  ['parametrizations.weight.original0', 'parametrizations.weight.original1'],
] as const;

/**
 * w = g v / |v| per row (Salimans and Kingma 2016). Where g / |v| is a power of two as far as float32 can tell, the row is scaled by just
 * that, exactly: an export followed by an import then changes no bit. A row without a direction stays zero.
 * @param g [rows]
 * @param v [rows, columns]
 */
export function applyWeightNorm(g: Float32Array, v: Float32Array, columns: number): Float32Array {
  const weight = new Float32Array(v.length);
  for (let row = 0; row < g.length; row++) {
    const norm = rowNorm(v, row, columns);
    if (norm === 0) continue;
    const nearest = 2 ** Math.round(Math.log2(Math.abs(g[row]) / norm));
    const scale = Math.fround(norm * nearest) === g[row] ? nearest : g[row] / norm;
    for (let i = row * columns; i < (row + 1) * columns; i++) weight[i] = v[i] * scale;
  }
  return weight;
}

/** Length of a row, in float64: squares of denormals would vanish in float32. */
export function rowNorm(matrix: Float32Array, row: number, columns: number): number {
  let square = 0;
  for (let i = row * columns; i < (row + 1) * columns; i++) square += matrix[i] * matrix[i];
  return Math.sqrt(square);
}
