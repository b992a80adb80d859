import { NeuralSdfError } from '../errors.js';
import { arrayAt, objectAt, refuseAsset } from './checks.js';
import { COMPONENT, GLB } from './glb-format.js';

/** Caps on what is read at all. */
const LIMITS = { jsonBytes: 64 << 20, objects: 1 << 20 } as const;

const ARRAY_OF = { [COMPONENT.uint16]: Uint16Array, [COMPONENT.uint32]: Uint32Array, [COMPONENT.float32]: Float32Array } as const;

type ComponentType = keyof typeof ARRAY_OF;

/**
 * A binary glTF document whose every reference is checked before it is followed. Only what the writer makes is read: one buffer, in the
 * file; accessors that are tightly packed.
 */
export class GlbReader {
  readonly json: Readonly<Record<string, unknown>>;
  private readonly _binary: Uint8Array;
  private readonly _bufferViews: readonly ByteRange[];
  private readonly _loaded = new Set<ByteRange>();

  /** @throws NeuralSdfError ASSET_INVALID, ASSET_UNSUPPORTED for glTF of another version or with its buffer in another file */
  constructor(file: Uint8Array) {
    const chunks = chunksOf(file);
    this.json = objectAt(parseJson(chunks.json), 'JSON chunk');
    this._binary = chunks.binary;
    const [buffer] = this.objects('buffers').length > 0 ? this.objects('buffers') : [{}];
    if (objectAt(buffer, 'buffers[0]').uri !== undefined) {
      throw new NeuralSdfError('ASSET_UNSUPPORTED', 'asset: buffers[0] lies in another file; only a .glb that holds everything is read');
    }
    this._bufferViews = bufferViewsOf(this.objects('bufferViews'), this._binary.length);
  }

  /** One of the document's lists of objects, empty where there is none. */
  objects(name: string): readonly unknown[] {
    return this.json[name] === undefined ? [] : arrayAt(this.json[name], name, LIMITS.objects);
  }

  /**
   * An accessor's values. Buffer views do not overlap and each is read once, so that a small file cannot turn into a large allocation.
   * @throws NeuralSdfError ASSET_INVALID when it is of another kind, or not all within the file
   */
  load(index: unknown, type: 'SCALAR' | 'VEC3', componentTypes: readonly ComponentType[]): Float32Array | Uint16Array | Uint32Array {
    const where = `accessors[${String(index)}]`;
    const accessor = objectAt(this.objects('accessors')[index as number], where);
    const componentType = accessor.componentType as ComponentType;
    if (accessor.type !== type || !componentTypes.includes(componentType) || accessor.sparse !== undefined || accessor.normalized) {
      refuseAsset(where, `must be ${type} of component type ${componentTypes.join(' or ')}, neither sparse nor normalized`);
    }
    const view =
      this._bufferViews[accessor.bufferView as number] ?? refuseAsset(`${where}.bufferView`, 'is not the index of a buffer view');
    if (this._loaded.has(view)) refuseAsset(`${where}.bufferView`, 'is used twice');
    this._loaded.add(view);
    const ArrayType = ARRAY_OF[componentType];
    const elementLength = ArrayType.BYTES_PER_ELEMENT * (type === 'VEC3' ? 3 : 1);
    if ((view.stride ?? elementLength) !== elementLength) refuseAsset(`${where}.bufferView`, 'must be tightly packed');
    const start = view.start + byteCount(accessor.byteOffset ?? 0, `${where}.byteOffset`);
    const end = start + byteCount(accessor.count, `${where}.count`) * elementLength;
    if (end > view.end) refuseAsset(where, `ends ${end - view.end} bytes behind its buffer view`);
    // A copy by construction: `slice` of Node's Buffer, which a file read gives, would share the whole file's memory.
    return new ArrayType(new Uint8Array(this._binary.subarray(start, end)).buffer);
  }
}

interface ByteRange {
  readonly start: number;
  readonly end: number;
  readonly stride: unknown;
}

function bufferViewsOf(json: readonly unknown[], binaryLength: number): ByteRange[] {
  const views = json.map((entry, index) => {
    const where = `bufferViews[${index}]`;
    const view = objectAt(entry, where);
    if (view.buffer !== 0) refuseAsset(where, 'must lie in buffer 0');
    const start = byteCount(view.byteOffset ?? 0, `${where}.byteOffset`);
    const end = start + byteCount(view.byteLength, `${where}.byteLength`);
    if (end > binaryLength) refuseAsset(where, `ends at byte ${end}, the file holds ${binaryLength}; it may be truncated`);
    return { start, end, stride: view.byteStride, where };
  });
  const sorted = [...views].sort((a, b) => a.start - b.start || a.end - b.end);
  sorted.forEach((view, i) => {
    if (i > 0 && view.start < sorted[i - 1].end) refuseAsset(view.where, `overlaps with ${sorted[i - 1].where}`);
  });
  return views;
}

function chunksOf(file: Uint8Array): { json: Uint8Array; binary: Uint8Array } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < GLB.headerLength || view.getUint32(0, true) !== GLB.magic)
    refuseAsset('file', 'is not a .glb: it does not begin with a glTF header');
  if (view.getUint32(4, true) !== GLB.version) {
    throw new NeuralSdfError('ASSET_UNSUPPORTED', `asset: glTF container version ${view.getUint32(4, true)}, only 2 is read`);
  }
  if (view.getUint32(8, true) !== file.length) {
    refuseAsset('file', `has ${file.length} bytes, its header says ${view.getUint32(8, true)}; it may be truncated`);
  }
  let json: Uint8Array | undefined;
  let binary: Uint8Array | undefined;
  for (let at: number = GLB.headerLength; at < file.length; ) {
    const where = `chunk at byte ${at}`;
    if (at + GLB.chunkHeaderLength > file.length) refuseAsset(where, 'is truncated');
    const length = view.getUint32(at, true);
    const type = view.getUint32(at + 4, true);
    at += GLB.chunkHeaderLength;
    if (length > file.length - at) refuseAsset(where, `claims ${length} bytes, ${file.length - at} are left`);
    if (type === GLB.jsonChunk) json ??= file.subarray(at, at + length);
    if (type === GLB.binaryChunk) binary ??= file.subarray(at, at + length);
    at += length;
  }
  if (!json) return refuseAsset('file', 'has no JSON chunk');
  if (json.length > LIMITS.jsonBytes) refuseAsset('JSON chunk', `has ${json.length} bytes, more than ${LIMITS.jsonBytes}`);
  return { json, binary: binary ?? new Uint8Array(0) };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new NeuralSdfError(
      'ASSET_INVALID',
      `asset: JSON chunk is not JSON: ${(cause as Error).message}`,
      { where: 'JSON chunk' },
      { cause },
    );
  }
}

function byteCount(value: unknown, where: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > 2 ** 40)
    refuseAsset(where, `is ${String(value)}, must be a byte count`);
  return value as number;
}
