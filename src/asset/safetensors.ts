import { ByteCursor, refuseCheckpoint } from './pytorch/byte-cursor.js';
import { denseTensor, ELEMENT_TYPES, type ElementType, type StoredTensor } from './pytorch/tensor.js';

/** The format's own cap is 100 MB; a decoder's header takes some kilobytes. */
const MAX_HEADER = 1 << 24;
const MAX_TENSORS = 4096;

const TYPES: ReadonlyMap<unknown, ElementType> = new Map([
  ['F64', 'DoubleStorage'],
  ['F32', 'FloatStorage'],
  ['F16', 'HalfStorage'],
  ['BF16', 'BFloat16Storage'],
  ['I64', 'LongStorage'],
  ['I32', 'IntStorage'],
  ['I16', 'ShortStorage'],
  ['I8', 'CharStorage'],
  ['U8', 'ByteStorage'],
  ['BOOL', 'BoolStorage'],
]);

/** Whether a file begins as safetensors: a header length that fits, and a JSON object. */
export function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10 || bytes[8] !== 0x7b) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  return length <= BigInt(bytes.length - 8);
}

/**
 * Reads safetensors (Hugging Face): uint64 header length, header JSON { name: { dtype, shape, data_offsets } }, data.
 * @throws NeuralSdfError CHECKPOINT_INVALID when it is damaged: ranges must lie in the file, match their shapes and not overlap
 */
export function readSafetensors(bytes: Uint8Array): Map<string, StoredTensor> {
  const cursor = new ByteCursor(bytes);
  const headerLength = cursor.uint64();
  if (headerLength > MAX_HEADER) return refuseCheckpoint(`a safetensors header of ${headerLength} bytes`);
  const header = parseHeader(cursor.take(headerLength));
  const data = bytes.subarray(cursor.at);
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  if (entries.length > MAX_TENSORS) return refuseCheckpoint(`safetensors of ${entries.length} tensors`);
  const tensors = new Map<string, StoredTensor>();
  const ranges: (readonly [number, number])[] = [];
  for (const [name, entry] of entries) {
    const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
    const type =
      TYPES.get(dtype) ?? refuseCheckpoint(`tensor ${name} of type ${String(dtype)}, only ${[...TYPES.keys()].join(', ')} are read`);
    if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) return refuseCheckpoint(`tensor ${name} without shape or place`);
    const [from, to] = offsets;
    const expected = shape.reduce((product, size) => product * size, ELEMENT_TYPES[type].bytes);
    if (to > data.length || to - from !== expected) return refuseCheckpoint(`tensor ${name} at bytes ${from} to ${to} of ${data.length}`);
    ranges.push([from, to]);
    tensors.set(name, denseTensor(name, type, shape, data.subarray(from, to)));
  }
  ranges.sort(([a], [b]) => a - b);
  if (ranges.some(([from], i) => i > 0 && from < ranges[i - 1][1])) return refuseCheckpoint('safetensors whose tensors overlap');
  return tensors;
}

function parseHeader(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    return refuseCheckpoint('a safetensors header that is not JSON', {}, cause);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return refuseCheckpoint('a safetensors header that is no object');
  return header as Readonly<Record<string, unknown>>;
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= 8 && value.every((item) => Number.isSafeInteger(item) && item >= 0);

/** Writes float32 tensors as safetensors, in the order given; the same tensors give the same bytes. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>,
): Uint8Array {
  let at = 0;
  const header = Object.fromEntries(
    [...tensors].map(([name, { shape, data }]) => {
      const from = at;
      at += data.byteLength;
      return [name, { dtype: 'F32', shape, data_offsets: [from, at] }];
    }),
  );
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const headerLength = 8 * Math.ceil(json.length / 8);
  const bytes = new Uint8Array(8 + headerLength + at).fill(0x20, 8, 8 + headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(json, 8);
  at = 8 + headerLength;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
