import { ByteCursor, latin1, refuseCheckpoint } from './byte-cursor.js';
import { ELEMENT_TYPES, type ElementType, StoredTensor, TensorStorage } from './tensor.js';

/** By NumPy's name of a type, without its byte order. */
export const NUMPY_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['f8', 'DoubleStorage'],
  ['f4', 'FloatStorage'],
  ['f2', 'HalfStorage'],
  ['i8', 'LongStorage'],
  ['i4', 'IntStorage'],
  ['i2', 'ShortStorage'],
  ['i1', 'CharStorage'],
  ['u1', 'ByteStorage'],
  ['b1', 'BoolStorage'],
]);

/** The header of a .npy file, a Python dict as text. @param cursor at the file's start, at its data afterwards */
export function readNpyHeader(cursor: ByteCursor): string {
  if (latin1(cursor.take(6)) !== '\x93NUMPY') return refuseCheckpoint('not a .npy file');
  const major = cursor.uint8();
  cursor.uint8();
  return latin1(cursor.take(major > 1 ? cursor.uint32() : cursor.uint16()));
}

/**
 * A .npy file of numbers, in C order or Fortran's, as `numpy.save` writes a transposed array.
 * @param name used in messages
 * @throws NeuralSdfError CHECKPOINT_INVALID when it is damaged, big-endian, or of another type
 */
export function readNpyTensor(name: string, bytes: Uint8Array): StoredTensor {
  const cursor = new ByteCursor(bytes);
  const header = readNpyHeader(cursor);
  const descriptor = /'descr'\s*:\s*'([<|=])([a-z]\d)'/.exec(header);
  const type = NUMPY_TYPES.get(descriptor?.[2] ?? '');
  const dimensions = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (!type || dimensions === undefined) {
    return refuseCheckpoint(`array ${name} is of a type that is not read, only ${[...NUMPY_TYPES.keys()].join(', ')} in little-endian are`);
  }
  const shape = dimensions.split(',').flatMap((text) => (text.trim() === '' ? [] : [Number(text)]));
  const data = bytes.subarray(cursor.at);
  const storage = new TensorStorage(`of ${name}`, type, Math.floor(data.length / ELEMENT_TYPES[type].bytes));
  storage.bytes = data;
  const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);
  const isFortran = /'fortran_order'\s*:\s*True/.test(header);
  return new StoredTensor(
    storage,
    0,
    shape,
    shape.map((_, axis) => product(isFortran ? shape.slice(0, axis) : shape.slice(axis + 1))),
  );
}
