import { existsSync, readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { ByteCursor } from '../../src/asset/pytorch/byte-cursor.js';
import { unpickle } from '../../src/asset/pytorch/pickle-reader.js';
import type { PickleDict, PickleValue } from '../../src/asset/pytorch/pickle-values.js';
import { PickleWriter } from '../../src/asset/pytorch/pickle-writer.js';
import { readTorchFile } from '../../src/asset/pytorch/read-torch-file.js';
import type { StoredTensor } from '../../src/asset/pytorch/tensor.js';
import { TORCH_GLOBALS } from '../../src/asset/pytorch/torch-globals.js';
import { writeTorchFile } from '../../src/asset/pytorch/write-torch-file.js';
import { readSafetensors, writeSafetensors } from '../../src/asset/safetensors.js';
import { floatBytes, legacyFile, type TensorView, writeView, zipFile } from '../support/torch-files.js';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const read = (text: string): PickleValue => unpickle(new ByteCursor(bytesOf(text)), { globals: TORCH_GLOBALS });
const refused = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('pickles', () => {
  it.each<[string, string, unknown]>([
    ['None, True, False', '\x80\x02N\x88\x89\x87.', [null, true, false]],
    [
      'integers of every width',
      '(K\xffM\x01\x02J\xff\xff\xff\xff\x8a\x02\x00\x80I12\nL-34L\nI01\nt.',
      [255, 513, -1, -32768, 12, -34, true],
    ],
    ['an integer beyond 2^53', '\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.', 2n ** 63n - 1n],
    ['floats', 'F1.5\nG\xbf\xf0\x00\x00\x00\x00\x00\x00\x86.', [1.5, -1]],
    [
      'text of Python 3 and 2',
      "(X\x02\x00\x00\x00\xc3\xa9\x8c\x01aV\xe9\nS'b'\nT\x01\x00\x00\x00cU\x01dt.",
      ['é', 'a', 'é', 'b', 'c', 'd'],
    ],
    ['bytes', 'C\x02\x01\x02.', Uint8Array.of(1, 2)],
    [
      'lists, memo, duplicates, things thrown away',
      '](K\x01K\x02eq\x00K\x030(K\x0412h\x00\x87.',
      [
        [1, 2],
        [1, 2],
        [1, 2],
      ],
    ],
    ['frames and memo of protocol 4', '\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00]\x94(K\x05e.', [5]],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('dicts, ordered dicts with attributes, and those that Python 2 made of pairs', () => {
    const plain = read('}(X\x01\x00\x00\x00aK\x01X\x01\x00\x00\x00bK\x02u.') as PickleDict;
    expect([...plain.entries]).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    const ordered = read('ccollections\nOrderedDict\n(](](U\x01aK\x01eetR}U\x09_metadataK\x07sb.') as PickleDict;
    expect(ordered.get('a')).toBe(1);
    expect((ordered.attributes as PickleDict).get('_metadata')).toBe(7);
  });

  it.each([
    ['os.system', "cos\nsystem\n(S'true'\ntR.", 'os.system'],
    ['posix.system by INST', "(S'true'\niposix\nsystem\n.", 'posix.system'],
    ['builtins.eval by STACK_GLOBAL', '\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.', 'builtins.eval'],
    ['a module of torch itself', 'ctorch.nn.modules.linear\nLinear\n)\x81.', 'torch.nn.modules.linear.Linear'],
    ['a dotted way round', 'ctorch\n_utils._rebuild_tensor_v2.__globals__\n.', 'torch._utils._rebuild_tensor_v2.__globals__'],
    ["JavaScript's own names", 'c__proto__\nconstructor\n.', '__proto__.constructor'],
  ])('refuse %s by name', (_, text, name) => {
    expect(() => read(text)).toThrowError(expect.objectContaining({ code: 'CHECKPOINT_UNSAFE', details: { global: name } }));
  });

  it.each([
    ['nothing', '', /truncated/],
    ['a value that announces 4 GB', 'X\xff\xff\xff\xffabc.', /truncated/],
    ['a value that announces 2^63', '\x8d\xff\xff\xff\xff\xff\xff\xff\x7fabc.', /announces/],
    ['an instruction that no checkpoint has', '\x82\x01.', /0x82/],
    ['a memo that was never made', 'h\x05.', /value 5/],
    ['what it did not open', 't.', /did not open/],
    ['a call of data', 'K\x01)R.', /cannot be called/],
    ['a call of a storage type', 'ctorch\nFloatStorage\n)R.', /cannot be called/],
    ['a state for plain data', '](K\x01eK\x02b.', /plain data/],
    ['half a value', '(K\x01.', /middle|not there/],
    ['a number that is none', 'I1e9\n.', /no integer/],
    ['a line without an end', `I${'1'.repeat(5000)}`, /line end/],
    ['something outside', 'U\x01xQ.', /outside/],
  ])('refuse %s', (_, text, message) => {
    expect(() => read(text)).toThrowError(refused('CHECKPOINT_INVALID', message));
  });

  it('end within a second however much they ask for', () => {
    // Of processor time: the machine may be busy with something else.
    const started = process.cpuUsage();
    // A list of 60,000 pairs, made into a dict 60,000 times: 3.6e9 entries.
    const pairs = `](${')K\x01\x86'.repeat(60_000)}eq\x00`;
    const calls = 'ccollections\nOrderedDict\nq\x01'.concat('h\x01h\x00\x85R0'.repeat(60_000));
    expect(() => read(`${pairs}${calls}.`)).toThrowError(refused('CHECKPOINT_INVALID', /items/));
    expect(() => read('N'.repeat(3_000_000))).toThrowError(refused('CHECKPOINT_INVALID', /steps/));
    expect(process.cpuUsage(started).user).toBeLessThan(3e6);
  });
});

/** 0 to 11 in binary16. */
const HALVES = [0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600, 0x4700, 0x4800, 0x4880, 0x4900, 0x4980];

/** Twelve elements, 0 to 11, of every type: as bytes. */
const ELEMENTS: Record<string, Uint8Array> = Object.fromEntries(
  (
    [
      ['DoubleStorage', 8, (view, at, i) => view.setFloat64(at, i, true)],
      ['FloatStorage', 4, (view, at, i) => view.setFloat32(at, i, true)],
      ['HalfStorage', 2, (view, at, i) => view.setUint16(at, HALVES[i], true)],
      ['BFloat16Storage', 2, (view, at, i) => view.setUint16(at, new Uint32Array(Float32Array.of(i).buffer)[0] >>> 16, true)],
      ['LongStorage', 8, (view, at, i) => view.setBigInt64(at, BigInt(i), true)],
      ['IntStorage', 4, (view, at, i) => view.setInt32(at, i, true)],
      ['ShortStorage', 2, (view, at, i) => view.setInt16(at, i, true)],
      ['CharStorage', 1, (view, at, i) => view.setInt8(at, i)],
      ['ByteStorage', 1, (view, at, i) => view.setUint8(at, i)],
    ] as [string, number, (view: DataView, at: number, i: number) => void][]
  ).map(([type, size, set]) => {
    const view = new DataView(new ArrayBuffer(12 * size));
    for (let i = 0; i < 12; i++) set(view, i * size, i);
    return [type, new Uint8Array(view.buffer)];
  }),
);

describe('tensors', () => {
  const whole = { key: '0', elements: 12, offset: 0, shape: [3, 4], strides: [4, 1] };
  const pickleOf = (view: TensorView) => {
    const pickle = new PickleWriter();
    writeView(pickle, view);
    return pickle.finish();
  };
  const values = (file: Uint8Array) => (readTorchFile(file) as StoredTensor).toFloat32();
  const count = Float32Array.from({ length: 12 }, (_, i) => i);

  it.each(Object.keys(ELEMENTS))('of type %s, in both containers', (type) => {
    const pickle = pickleOf({ ...whole, type });
    expect(values(zipFile(pickle, { 0: ELEMENTS[type] }))).toEqual(count);
    expect(values(zipFile(pickle, { 0: ELEMENTS[type] }, true))).toEqual(count);
    expect(values(legacyFile(pickle, { 0: [12, ELEMENTS[type]] }))).toEqual(count);
  });

  it.each<[string, Partial<TensorView>, number[]]>([
    ['transposed', { shape: [4, 3], strides: [1, 4] }, [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]],
    ['a slice of rows and columns', { offset: 5, shape: [2, 2], strides: [4, 1] }, [5, 6, 9, 10]],
    ['every second column', { shape: [3, 2], strides: [4, 2] }, [0, 2, 4, 6, 8, 10]],
    ['a scalar', { offset: 7, shape: [], strides: [] }, [7]],
    ['nothing', { shape: [0, 4], strides: [4, 1] }, []],
    ['repeated (expanded)', { shape: [2, 3], strides: [0, 1] }, [0, 1, 2, 0, 1, 2]],
  ])('%s', (_, change, expected) => {
    const pickle = pickleOf({ ...whole, type: 'FloatStorage', ...change });
    expect(Array.from(values(zipFile(pickle, { 0: floatBytes(count) })))).toEqual(expected);
  });

  it.each<[string, Partial<TensorView>, RegExp]>([
    ['leaves its storage', { offset: 1 }, /leaves its storage/],
    ['strides out of it', { strides: [8, 1] }, /leaves its storage/],
    ['repeats itself without end', { shape: [1 << 30, 12], strides: [0, 1] }, /leaves its storage/],
    ['has a negative stride', { shape: [3], strides: [-1] }, /strides/],
    ['has more strides than dimensions', { strides: [4, 1, 1] }, /strides/],
    ['says its storage is longer than it is', { elements: 1 << 28 }, /bytes, its tensors need/],
    ['has ten dimensions', { shape: Array(10).fill(1), strides: Array(10).fill(1) }, /shape/],
  ])('is refused when it %s', (_, change, message) => {
    const pickle = pickleOf({ ...whole, type: 'FloatStorage', ...change });
    expect(() => values(zipFile(pickle, { 0: floatBytes(count) }))).toThrowError(refused('CHECKPOINT_INVALID', message));
  });

  it('in a legacy file whose storage is shorter than it says is refused', () => {
    const pickle = pickleOf({ ...whole, type: 'FloatStorage' });
    expect(() => values(legacyFile(pickle, { 0: [12, floatBytes(count).subarray(4)] }))).toThrowError(
      refused('CHECKPOINT_INVALID', /truncated/),
    );
    expect(() => values(legacyFile(pickle, { 0: [11, floatBytes(count)] }))).toThrowError(refused('CHECKPOINT_INVALID', /11 elements/));
  });
});

describe('containers', () => {
  it.each<[string, Uint8Array, string, RegExp]>([
    ['text', bytesOf('hello'), 'CHECKPOINT_INVALID', /neither/],
    ['a zip of something else', zipFile(new Uint8Array()).subarray(0, 60), 'CHECKPOINT_INVALID', /zip/],
    ['a plain pickle', bytesOf('\x80\x02}.'), 'CHECKPOINT_INVALID', /magic/],
    ['a tar file', bytesOf(`${'\0'.repeat(257)}ustar${'\0'.repeat(250)}`), 'ASSET_UNSUPPORTED', /0\.1\.10/],
  ])('%s is refused', (_, file, code, message) => {
    expect(() => readTorchFile(file)).toThrowError(refused(code, message));
  });

  it('entries that lie about their size, or share one place, are refused before they are unpacked', () => {
    const file = zipFile(bytesOf('N.'), { 0: new Uint8Array(4096) }, true);
    const view = new DataView(file.buffer, file.byteOffset);
    const at = Buffer.from(file).indexOf(Buffer.from('504b0102', 'hex'), Buffer.from(file).indexOf(Buffer.from('504b0102', 'hex')) + 4);
    view.setUint32(at + 24, 0xfffffff0, true);
    expect(() => readTorchFile(file)).toThrowError(refused('CHECKPOINT_INVALID', /announces 4294967280 bytes/));
  });
});

describe('writer', () => {
  const data = '../shared/data/checkpoints/reference/small_4x128_z32/LatentCodes/latest.pth';

  it.skipIf(!existsSync(data))(
    "writes the very pickle that PyTorch wrote, and data where PyTorch's lie (skipped without ../shared/data)",
    () => {
      const theirs = readFileSync(data);
      const root = readTorchFile(theirs) as PickleDict;
      const tensor = (root.get('latent_codes') as PickleDict).get('weight') as StoredTensor;
      const parameters = new Map([['weight', { shape: tensor.shape, data: tensor.toFloat32() }]]);
      const ours = writeTorchFile(root.get('epoch') as number, 'latent_codes', { parameters, modules: [''] });
      expect(unzipSync(ours)['archive/data.pkl']).toEqual(unzipSync(theirs)['latest/data.pkl']);
      expect(unzipSync(ours)['archive/data/0']).toEqual(unzipSync(theirs)['latest/data/0']);
      expect(unzipSync(ours)['archive/version']).toEqual(unzipSync(theirs)['latest/version']);
    },
  );

  it('stores every entry uncompressed, its data on a multiple of 64 bytes', () => {
    const tensor = (length: number) => ({ shape: [length], data: new Float32Array(length).fill(length) });
    const file = writeTorchFile(70_000, 'model_state_dict', {
      parameters: new Map(Array.from({ length: 300 }, (_, i) => [`lin${i}.weight`, tensor(i)] as const)),
      modules: Array.from({ length: 1200 }, (_, i) => `lin${i}`),
    });
    let entries = 0;
    for (let at = 0; Buffer.from(file).readUInt32LE(at) === 0x04034b50; entries++) {
      const view = new DataView(file.buffer, at);
      expect(view.getUint16(8, true)).toBe(0);
      const start = at + 30 + view.getUint16(26, true) + view.getUint16(28, true);
      expect(start % 64).toBe(0);
      at = start + view.getUint32(18, true);
    }
    expect(entries).toBe(302);
    const root = readTorchFile(file) as PickleDict;
    expect(root.get('epoch')).toBe(70_000);
    const state = root.get('model_state_dict') as PickleDict;
    expect((state.get('lin299.weight') as StoredTensor).toFloat32()).toEqual(tensor(299).data);
    expect(((state.attributes as PickleDict).get('_metadata') as PickleDict).entries.size).toBe(1200);
  });
});

describe('safetensors', () => {
  const tensors = new Map([
    ['a', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
    ['b.c', { shape: [3], data: Float32Array.of(5, 6, 7) }],
  ]);
  const withHeader = (header: unknown, data = 28) => {
    const json = Buffer.from(JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(json.length));
    return new Uint8Array(Buffer.concat([size, json, Buffer.alloc(data)]));
  };

  it('come back as written', () => {
    const back = readSafetensors(writeSafetensors(tensors));
    expect([...back].map(([name, tensor]) => [name, { shape: tensor.shape, data: tensor.toFloat32() }])).toEqual([...tensors]);
  });

  it.each<[string, unknown, RegExp]>([
    [
      'overlap',
      { a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] }, b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] } },
      /overlap/,
    ],
    ['leave the file', { a: { dtype: 'F32', shape: [8], data_offsets: [0, 32] } }, /bytes 0 to 32/],
    ['are not as long as their shape', { a: { dtype: 'F32', shape: [1e9, 1e9], data_offsets: [0, 8] } }, /bytes 0 to 8/],
    ['have a negative shape', { a: { dtype: 'F32', shape: [-2], data_offsets: [8, 0] } }, /shape or place/],
    ['are of an unknown type', { a: { dtype: 'F8', shape: [1], data_offsets: [0, 1] } }, /type F8/],
    ['are no tensors', { a: null }, /type undefined/],
    ['are a list', [1], /no object/],
  ])('that %s are refused', (_, header, message) => {
    expect(() => readSafetensors(withHeader(header))).toThrowError(refused('CHECKPOINT_INVALID', message));
  });
});
