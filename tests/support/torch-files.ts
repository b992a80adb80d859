import { zipSync } from 'fflate';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { PickleWriter } from '../../src/asset/pytorch/pickle-writer.js';
import type { FloatTensor } from '../../src/asset/pytorch/write-torch-file.js';
import { createDecoder, type FloatArray, initializeDecoder } from '../../src/decoder/decoder.js';
import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';

/** An asset with a random decoder: enough to write checkpoints of. */
export function randomShapes(change: Partial<DecoderSpec> = {}, seed = 1): NeuralShapes {
  const random = new Random(seed);
  const spec = { ...DEFAULT_DECODER_SPEC, codeLength: 5, dims: [24, 20, 24, 24], latentIn: [2], ...change };
  const started = initializeDecoder(spec, random);
  // A layer norm starts at 1 and 0, which would hide a mistake.
  const drawn = (values: FloatArray) => Float32Array.from(values, () => random.normal());
  const layers = started.layers.map(({ layerNorm, ...layer }) =>
    layerNorm ? { ...layer, layerNorm: { gain: drawn(layerNorm.gain), shift: drawn(layerNorm.shift) } } : layer,
  );
  const decoder = createDecoder(spec, layers);
  const shapes = ['a', 'b', 'c'].map((name) => ({ name, latent: Float32Array.from({ length: spec.codeLength }, () => random.normal()) }));
  return { decoder, shapes, delta: 0.1, stepScale: 0.8, halfExtent: 1 };
}

/** A view into a storage of any type, as PyTorch's pickles describe it. */
export interface TensorView {
  readonly key: string;
  readonly type: string;
  readonly elements: number;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export function writeView(pickle: PickleWriter, { key, type, elements, offset, shape, strides }: TensorView): void {
  const storage = () => {
    pickle.tuple(
      () => pickle.string('storage'),
      () => pickle.global('torch', type),
      () => pickle.string(key),
      () => pickle.string('cuda:0'),
      () => pickle.integer(elements),
    );
    pickle.persistent();
  };
  const rest = [() => pickle.integer(offset), () => pickle.integers(shape), () => pickle.integers(strides), () => pickle.boolean(false)];
  pickle.reduce('torch._utils', '_rebuild_tensor_v2', storage, ...rest, () => pickle.orderedDict([]));
}

/** A zip container around any pickle. */
export function zipFile(pickle: Uint8Array, storages: Readonly<Record<string, Uint8Array>> = {}, compress = false): Uint8Array {
  const data = Object.fromEntries(Object.entries(storages).map(([key, bytes]) => [`latest/data/${key}`, bytes]));
  return zipSync({ 'latest/data.pkl': pickle, ...data, 'latest/version': Uint8Array.of(0x33, 0x0a) }, { level: compress ? 9 : 0 });
}

/** The container of PyTorch before 1.6. @param storages elements and bytes by key */
export function legacyFile(pickle: Uint8Array, storages: Readonly<Record<string, readonly [number, Uint8Array]>>): Uint8Array {
  const machine = new PickleWriter();
  machine.dict([
    ['protocol_version', () => machine.integer(1001)],
    ['little_endian', () => machine.boolean(true)],
  ]);
  const keys = Object.keys(storages).sort();
  const keyList = Buffer.from(
    `\x80\x02]q\x00(${keys.map((key) => `X${String.fromCharCode(key.length)}\0\0\0${key}`).join('')}e.`,
    'latin1',
  );
  const magic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');
  const protocol = Buffer.from('80024de9032e', 'hex');
  const data = keys.flatMap((key) => {
    const [elements, bytes] = storages[key];
    const size = new Uint8Array(8);
    new DataView(size.buffer).setBigUint64(0, BigInt(elements), true);
    return [size, bytes];
  });
  return new Uint8Array(Buffer.concat([magic, protocol, machine.finish(), pickle, keyList, ...data]));
}

/** The bytes of float32 values. */
export const floatBytes = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);

/** `{epoch, [name]: state dict}` in the legacy container. */
export function legacyStateDict(name: string, parameters: ReadonlyMap<string, FloatTensor>): Uint8Array {
  const pickle = new PickleWriter();
  const entries = [...parameters].map(([key, { shape, data }], i) => {
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
    const view = { key: `9400${i}`, type: 'FloatStorage', elements: data.length, offset: 0, shape, strides };
    return [key, () => writeView(pickle, view)] as const;
  });
  pickle.dict([
    ['epoch', () => pickle.integer(7)],
    [name, () => pickle.orderedDict(entries)],
  ]);
  const storages = [...parameters.values()].map(({ data }, i) => [`9400${i}`, [data.length, floatBytes(data)]] as const);
  return legacyFile(pickle.finish(), Object.fromEntries(storages));
}

/** `numpy.save(…, {'best_latent_codes': float32 [rows, columns]})`, as pickled by NumPy 1. */
export function numpyResults(data: Float32Array, rows: number, columns: number): Uint8Array {
  const array = (shape: string, type: string, content: string) =>
    `cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\x01b\x87R(K\x01${shape}cnumpy\ndtype\n${pickledText(type)}\x89\x88\x87R(K\x03${pickledText(
      '<',
    )}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89${content}tb`;
  const floats = `B${String.fromCharCode(data.byteLength)}\0\0\0${Buffer.from(floatBytes(data)).toString('latin1')}`;
  const codes = array(`K${String.fromCharCode(rows)}K${String.fromCharCode(columns)}\x86`, 'f4', floats);
  const root = array(')', 'O8', `]}${pickledText('best_latent_codes')}${codes}sa`);
  const header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }".padEnd(117);
  return new Uint8Array(Buffer.from(`\x93NUMPY\x01\0\x76\0${header}\n\x80\x03${root}.`, 'latin1'));
}

const pickledText = (value: string): string => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
