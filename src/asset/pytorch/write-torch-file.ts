import { type Zippable, zipSync } from 'fflate';
import { PickleWriter } from './pickle-writer.js';

/** float32, row-major. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A module's parameters as its state_dict() gives them. */
export interface StateDictContents {
  /** By dotted name. */
  readonly parameters: ReadonlyMap<string, FloatTensor>;
  /** All of its modules, those without parameters too; '' is the whole. */
  readonly modules: readonly string[];
}

/** PyTorch starts each entry's data on a multiple of this. */
const ALIGNMENT = 64;
/** Its format version since 1.6. */
const VERSION = '3\n';

/**
 * Writes `{epoch: …, [name]: state dict}` as torch.save does: a zip, stored, of archive/data.pkl, archive/data/N and archive/version,
 * data aligned to 64 bytes. The same contents give the same bytes.
 */
export function writeTorchFile(epoch: number, name: string, contents: StateDictContents): Uint8Array<ArrayBuffer> {
  const pickle = new PickleWriter();
  pickle.dict([
    ['epoch', () => pickle.integer(epoch)],
    [name, () => writeStateDict(pickle, contents)],
  ]);
  const files: [string, Uint8Array][] = [['data.pkl', pickle.finish()]];
  [...contents.parameters.values()].forEach(({ data }, key) => {
    files.push([`data/${key}`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
  });
  files.push(['version', new TextEncoder().encode(VERSION)]);
  return zipAligned(files.map(([file, bytes]) => [`archive/${file}`, bytes]));
}

function writeStateDict(pickle: PickleWriter, { parameters, modules }: StateDictContents): void {
  pickle.orderedDict([...parameters].map(([key, tensor], index) => [key, () => writeTensor(pickle, String(index), tensor)]));
  const version = () => pickle.dict([['version', () => pickle.integer(1)]]);
  pickle.dict([['_metadata', () => pickle.orderedDict(modules.map((module) => [module, version]))]]);
  pickle.build();
}

/** As torch._tensor.Tensor.__reduce_ex__ describes a tensor. */
export function writeTensor(pickle: PickleWriter, key: string, { shape, data }: FloatTensor): void {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  pickle.reduce(
    'torch._utils',
    '_rebuild_tensor_v2',
    () => {
      pickle.tuple(
        () => pickle.string('storage'),
        () => pickle.global('torch', 'FloatStorage'),
        () => pickle.string(key),
        () => pickle.string('cpu'),
        () => pickle.integer(data.length),
      );
      pickle.persistent();
    },
    () => pickle.integer(0),
    () => pickle.integers(shape),
    () => pickle.integers(strides),
    () => pickle.boolean(false),
    () => pickle.orderedDict([]),
  );
}

function zipAligned(files: readonly (readonly [string, Uint8Array])[]): Uint8Array<ArrayBuffer> {
  let at = 0;
  const entries: Zippable = {};
  for (const [name, bytes] of files) {
    // 30 bytes of local header, the name, 4 bytes of the extra field's own header ('FB', as PyTorch marks its padding).
    const start = at + 30 + name.length + 4;
    const padding = (ALIGNMENT - (start % ALIGNMENT)) % ALIGNMENT;
    at = start + padding + bytes.length;
    entries[name] = [bytes, { extra: { 16966: new Uint8Array(padding).fill(0x5a) } }];
  }
  return zipSync(entries, { level: 0, mtime: new Date(1980, 0, 1) }) as Uint8Array<ArrayBuffer>;
}
