import { refuseCheckpoint } from './byte-cursor.js';
import { PickleObject } from './pickle-values.js';

/** Element types by PyTorch's storage class; each reads one little-endian element as a number. */
export const ELEMENT_TYPES = {
  DoubleStorage: { bytes: 8, read: (view: DataView, at: number) => view.getFloat64(at, true) },
  FloatStorage: { bytes: 4, read: (view: DataView, at: number) => view.getFloat32(at, true) },
  HalfStorage: { bytes: 2, read: (view: DataView, at: number) => halfToNumber(view.getUint16(at, true)) },
  BFloat16Storage: { bytes: 2, read: (view: DataView, at: number) => bfloat16ToNumber(view.getUint16(at, true)) },
  LongStorage: { bytes: 8, read: (view: DataView, at: number) => Number(view.getBigInt64(at, true)) },
  IntStorage: { bytes: 4, read: (view: DataView, at: number) => view.getInt32(at, true) },
  ShortStorage: { bytes: 2, read: (view: DataView, at: number) => view.getInt16(at, true) },
  CharStorage: { bytes: 1, read: (view: DataView, at: number) => view.getInt8(at) },
  ByteStorage: { bytes: 1, read: (view: DataView, at: number) => view.getUint8(at) },
  BoolStorage: { bytes: 1, read: (view: DataView, at: number) => view.getUint8(at) },
} as const;

export type ElementType = keyof typeof ELEMENT_TYPES;

/** Memory that tensors look into. Its bytes may arrive after the tensors: in the legacy container they follow the pickle. */
export class TensorStorage extends PickleObject {
  bytes?: Uint8Array;

  constructor(
    readonly key: string,
    readonly type: ElementType,
    /** Elements that it says it has. */
    readonly length: number,
  ) {
    super();
  }
}

/** More dimensions than any layer has. */
const MAX_DIMENSIONS = 8;

/** A view of a storage. Nothing is copied, or even looked at, before `toFloat32`. */
export class StoredTensor extends PickleObject {
  /** Elements. */
  readonly length: number;

  /**
   * @param offset of its first element in the storage
   * @param strides elements between neighbours along each dimension
   * @throws NeuralSdfError CHECKPOINT_INVALID when it leaves its storage or holds more elements than that
   */
  constructor(
    private readonly _storage: TensorStorage,
    private readonly _offset: number,
    readonly shape: readonly number[],
    private readonly _strides: readonly number[],
  ) {
    super();
    const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
    if (shape.length > MAX_DIMENSIONS || shape.length !== _strides.length || ![_offset, ...shape, ..._strides].every(isCount)) {
      refuseCheckpoint(`a tensor of shape [${shape}], strides [${_strides}], offset ${_offset}`);
    }
    this.length = shape.reduce((product, size) => product * size, 1);
    const last = _offset + shape.reduce((sum, size, axis) => sum + (size - 1) * _strides[axis], 0);
    // An expanded tensor (stride 0) may be any size at no cost to the file; no checkpoint has one.
    if (this.length > _storage.length || (this.length > 0 && last >= _storage.length)) {
      refuseCheckpoint(`a tensor of shape [${shape}], strides [${_strides}] leaves its storage of ${_storage.length} elements`);
    }
  }

  /** Row-major copy, whatever the strides and the element type. @throws NeuralSdfError CHECKPOINT_INVALID when the file lacks the data */
  toFloat32(): Float32Array {
    const { bytes, type, key, length } = this._storage;
    const element = ELEMENT_TYPES[type];
    if (!bytes || bytes.length < length * element.bytes) {
      return refuseCheckpoint(`storage ${key} has ${bytes?.length ?? 0} bytes, its tensors need ${length * element.bytes}`);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values = new Float32Array(this.length);
    const index = this.shape.map(() => 0);
    let at = this._offset;
    for (let i = 0; i < values.length; i++) {
      values[i] = element.read(view, at * element.bytes);
      // Like an odometer, the last dimension first.
      for (let axis = index.length - 1; axis >= 0; axis--) {
        at += this._strides[axis];
        if (++index[axis] < this.shape[axis]) break;
        at -= this.shape[axis] * this._strides[axis];
        index[axis] = 0;
      }
    }
    return values;
  }
}

/** A dense tensor over bytes of its own. */
export function denseTensor(name: string, type: ElementType, shape: readonly number[], bytes: Uint8Array): StoredTensor {
  const storage = new TensorStorage(name, type, bytes.length / ELEMENT_TYPES[type].bytes);
  storage.bytes = bytes;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  return new StoredTensor(storage, 0, shape, strides);
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));

/** The upper half of a binary32. */
function bfloat16ToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}
