import { NeuralSdfError } from '../errors.js';

export type NpyData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** A dense array in row-major order. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: NpyData;
}

/** NumPy's little-endian type strings; booleans are read as bytes. */
const TYPES: Readonly<Record<string, new (buffer: ArrayBuffer) => NpyData>> = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '<i4': Int32Array,
  '<i8': BigInt64Array,
  '|u1': Uint8Array,
  '|b1': Uint8Array,
};
const MAGIC = '\x93NUMPY';
/** Data start on a multiple of this, as NumPy writes them. */
const ALIGNMENT = 64;

/**
 * Reads NumPy's .npy, versions 1 to 3.
 * @param name used in messages
 * @throws NeuralSdfError SAMPLES_INVALID when it is none, truncated, big-endian, in Fortran order, or of another type
 */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const fail = (reason: string): never => {
    throw new NeuralSdfError('SAMPLES_INVALID', `${name}: ${reason}`, { name, reason });
  };
  if (bytes.length < 12 || latin1(bytes.subarray(0, 6)) !== MAGIC) fail('not a .npy array');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const longHeader = bytes[6] > 1;
  const headerStart = longHeader ? 12 : 10;
  const dataStart = headerStart + (longHeader ? view.getUint32(8, true) : view.getUint16(8, true));
  if (dataStart > bytes.length) fail('truncated in its header');
  const header = latin1(bytes.subarray(headerStart, dataStart));
  const type = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1] ?? '';
  const dimensions = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (!(type in TYPES)) fail(`type ${type || 'unknown'} is not read, only ${Object.keys(TYPES).join(', ')}`);
  if (dimensions === undefined) fail('header without a shape');
  const shape = dimensions!.split(',').flatMap((text) => (text.trim() === '' ? [] : [Number(text)]));
  if (/'fortran_order'\s*:\s*True/.test(header) && shape.length > 1) fail('is in Fortran order; save it in C order');
  const data = bytes.slice(dataStart);
  const itemBytes = type.endsWith('1') ? 1 : Number(type[2]);
  const announced = shape.reduce((product, size) => product * size, 1) * itemBytes;
  if (data.length !== announced) fail(`shape [${shape.join(', ')}] takes ${announced} bytes, ${data.length} are there`);
  return { shape, data: new TYPES[type](data.buffer) };
}

/** Writes NumPy's .npy, version 1. @throws NeuralSdfError SHAPE_MISMATCH */
export function formatNpy({ shape, data }: NpyArray): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== data.length) {
    throw new NeuralSdfError('SHAPE_MISMATCH', `shape [${shape.join(', ')}] does not hold ${data.length} values`, { shape });
  }
  const type = Object.keys(TYPES).find((key) => data instanceof TYPES[key])!;
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  const dataStart = Math.ceil((10 + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(dataStart + data.byteLength);
  const header = `${MAGIC}\x01\x00\x00\x00${dictionary.padEnd(dataStart - 11)}\n`;
  for (let i = 0; i < header.length; i++) bytes[i] = header.charCodeAt(i);
  new DataView(bytes.buffer).setUint16(8, dataStart - 10, true);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), dataStart);
  return bytes;
}

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 4096));
