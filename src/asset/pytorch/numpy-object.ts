import { ByteCursor, refuseCheckpoint } from './byte-cursor.js';
import { NUMPY_TYPES, readNpyHeader } from './npy.js';
import { unpickle } from './pickle-reader.js';
import { globalsOf, ORDERED_DICT, PickleGlobal, type PickleGlobals, PickleObject, type PickleValue } from './pickle-values.js';
import { denseTensor, type StoredTensor } from './tensor.js';

class NumpyDtype extends PickleObject {
  constructor(readonly name: string) {
    super();
  }

  /** (version, byte order, …) */
  override setState(state: PickleValue): void {
    if (!Array.isArray(state) || !['<', '|', '='].includes(state[1] as string)) refuseCheckpoint('a big-endian NumPy array');
  }
}

/** An array of numbers or of objects. */
export class NumpyArray extends PickleObject {
  tensor?: StoredTensor;
  objects?: readonly PickleValue[];

  /** (version, shape, dtype, is Fortran order, bytes or list) */
  override setState(state: PickleValue): void {
    const [, shape, dtype, isFortran, data] = Array.isArray(state) ? state : [];
    if (!Array.isArray(shape) || !(dtype instanceof NumpyDtype)) refuseArray('shape and type');
    if (Array.isArray(data)) {
      this.objects = data;
      return;
    }
    const type = NUMPY_TYPES.get(dtype.name);
    if (!type || !(data instanceof Uint8Array) || isFortran !== false) refuseArray(`type ${dtype.name} or its order`);
    this.tensor = denseTensor('of NumPy', type, shape as number[], data);
  }
}

function refuseArray(what: string): never {
  refuseCheckpoint(`a NumPy array whose ${what} are not read`);
}

/** A single number: a loss among the results, say. */
function scalarOf([dtype, data]: readonly PickleValue[]): PickleValue {
  const type = dtype instanceof NumpyDtype ? NUMPY_TYPES.get(dtype.name) : undefined;
  return type && data instanceof Uint8Array ? denseTensor('of NumPy', type, [1], data).toFloat32()[0] : null;
}

/** How NumPy pickles an array and a number; the module was renamed in NumPy 2. */
const NUMPY_GLOBALS: PickleGlobals = globalsOf(
  ORDERED_DICT,
  ...['numpy.core.multiarray', 'numpy._core.multiarray'].flatMap((module) => [
    new PickleGlobal(`${module}._reconstruct`, () => new NumpyArray()),
    new PickleGlobal(`${module}.scalar`, scalarOf),
  ]),
  new PickleGlobal('numpy.ndarray'),
  new PickleGlobal('numpy.dtype', ([name]) => new NumpyDtype(String(name))),
);

/**
 * The object inside a .npy file that numpy.save pickled (`dtype=object`), such as a dict of results.
 * @returns arrays in it are NumpyArray, dicts PickleDict
 * @throws NeuralSdfError CHECKPOINT_UNSAFE, CHECKPOINT_INVALID
 */
export function readNumpyObject(bytes: Uint8Array): PickleValue {
  const cursor = new ByteCursor(bytes);
  const header = readNpyHeader(cursor);
  if (!/'descr'\s*:\s*'\|O'/.test(header)) return refuseCheckpoint('a .npy file of plain numbers, where a pickled object is expected');
  const value = unpickle(cursor, { globals: NUMPY_GLOBALS });
  return value instanceof NumpyArray && value.objects?.length === 1 ? value.objects[0] : value;
}
