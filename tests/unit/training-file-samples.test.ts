import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatNpy } from '../../src/dataset/npy.js';
import { readNpz } from '../../src/dataset/npz.js';
import { readNpzDirectory } from '../../src/dataset/npz-directory-node.js';
import { type ShapeSamples, writeSamples } from '../../src/dataset/samples.js';
import { Random } from '../../src/random.js';
import { BatchSource } from '../../src/training/batches.js';
import { crc32 } from '../../src/training/crc32.js';
import { FileSamples, type FileSamplesOptions, type SampleFile } from '../../src/training/file-samples-node.js';
import { MemorySamples } from '../../src/training/memory-samples.js';
import { sampledFields } from '../support/sampled-fields.js';

const settings = { shapesPerStep: 2, samplesPerShape: 1000, delta: 0.1 };
const samples = sampledFields();
let folder: string;
let files: SampleFile[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-samples-'));
  files = await Promise.all(samples.map((shape) => write(shape)));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(shape: ShapeSamples, bytes: Uint8Array = writeSamples(shape)): Promise<SampleFile> {
  const file = { name: shape.name, path: join(folder, `${shape.name}.npz`) };
  await writeFile(file.path, bytes);
  return file;
}

const open = (of: readonly SampleFile[], change: Partial<FileSamplesOptions> = {}) =>
  FileSamples.open(of, { memoryBytes: 0, scratchBeside: join(folder, 'run'), ...change });

/** As NumPy's savez_compressed, which other people's data may be. */
function deflated({ positive, negative }: ShapeSamples): Uint8Array {
  const array = (data: Float32Array) => formatNpy({ shape: [data.length / 4, 4], data });
  return zipSync({ 'pos.npy': array(positive), 'neg.npy': array(negative) }, { level: 6 });
}

describe('samples in files', () => {
  it('give the very batches of samples in memory, streamed or not, stored or deflated', async () => {
    const packed = await write({ ...samples[1], name: 'packed' }, deflated(samples[1]));
    const mixed = [files[0], { ...packed, name: samples[1].name }, files[2]];
    const sources = [new MemorySamples(samples), await open(mixed), await open(mixed, { memoryBytes: 2 ** 30 })];
    expect(sources.slice(1).map((source) => (source as FileSamples).isStreamed)).toEqual([true, false]);
    expect(sources[1].digest).toBe(sources[2].digest);
    const batches = sources.map((source) => new BatchSource(source, settings, new Random(1)));
    for (let i = 0; i < 12; i++) {
      const [memory, streamed, kept] = await Promise.all(batches.map((source) => source.next()));
      expect(streamed).toEqual(memory);
      expect(kept).toEqual(memory);
    }
    for (const source of batches) await source.settle();
    for (const source of sources.slice(1)) await (source as FileSamples).close();
  });

  it('are streamed from a file without a name: nothing is left of it, whatever ends the process', async () => {
    const source = await open(files);
    await source.rowCounts(0);
    expect((await readdir(folder)).filter((name) => name.includes('rows'))).toEqual([]);
    await source.close();
  });

  it('drop rows with a NaN when they are read, and say how many', async () => {
    const broken = { ...samples[0], name: 'broken', positive: samples[0].positive.slice() };
    broken.positive[4 * 17 + 2] = Number.NaN;
    const dropped: [string, number][] = [];
    const source = await open([await write(broken)], { onDroppedRows: (name, rows) => dropped.push([name, rows]) });
    expect(dropped).toEqual([]);
    expect((await source.rowCounts(0)).positive).toBe(broken.positive.length / 4 - 1);
    await source.rowCounts(0);
    expect(dropped).toEqual([['broken', 1]]);
    await source.close();
  });

  it('are refused: missing, truncated, without an array, hollow, changed while in use', async () => {
    const refused = (file: SampleFile) => expect(open([file])).rejects;
    await refused({ name: 'none', path: join(folder, 'none.npz') }).toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(open([])).rejects.toMatchObject({ code: 'SAMPLES_INVALID' });
    const whole = writeSamples(samples[0]);
    for (const length of [0, 10, whole.length / 2, whole.length - 1]) {
      await refused(await write({ ...samples[0], name: 'cut' }, whole.subarray(0, length))).toMatchObject({ code: 'SAMPLES_INVALID' });
    }
    const half = zipSync({ 'pos.npy': formatNpy({ shape: [1, 4], data: new Float32Array(4) }) });
    await refused(await write({ ...samples[0], name: 'half' }, half)).toMatchObject({ code: 'SAMPLES_INVALID' });

    const hollow = await open([await write({ ...samples[0], name: 'hollow', negative: new Float32Array(0) })]);
    await expect(hollow.rowCounts(0)).rejects.toMatchObject({ code: 'SAMPLES_INVALID', details: { name: 'hollow', side: 'negative' } });
    const changing = await open([await write({ ...samples[0], name: 'changing' })]);
    await write({ ...samples[1], name: 'changing' });
    await expect(changing.rowCounts(0)).rejects.toThrow('changed');
    await Promise.all([hollow.close(), changing.close()]);
  });

  it('are told apart by names, order and contents, from their directories alone', async () => {
    const other = samples[0].positive.slice();
    other[5] += 1e-3;
    const twin = await write({ ...samples[0], name: 'twin', positive: other });
    const lists = [files, [files[1], files[0], files[2]], [{ ...files[0], name: 'x' }, ...files.slice(1)], [twin, ...files.slice(1)]];
    const sources = await Promise.all([...lists, [...files]].map((list) => open(list)));
    const digests = sources.map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(4);
    expect(digests[4]).toBe(digests[0]);
    await Promise.all(sources.map((source) => source.close()));
  });

  it('cost memory by the batch, not by the shape, when streamed', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const many = Array.from({ length: 60 }, (_, i) => ({ ...files[i % 3], name: `shape ${i}` }));
    // V8 sweeps array buffers on a thread of its own: what a collection freed is counted out some time after it.
    const held = async () => {
      let least = Number.POSITIVE_INFINITY;
      for (let still = 0; still < 10; still++) {
        collect();
        await sleep(10);
        const bytes = process.memoryUsage().arrayBuffers;
        if (bytes < least) still = 0;
        least = Math.min(least, bytes);
      }
      return least;
    };
    const growth = async (memoryBytes: number) => {
      const before = await held();
      const source = await open(many, { memoryBytes });
      const batches = new BatchSource(source, settings, new Random(2));
      for (let i = 0; i < 60; i++) await batches.next();
      await batches.settle();
      const after = await held();
      await source.close();
      return after - before;
    };
    const all = 60 * 12000 * 16;
    expect(await growth(2 ** 30)).toBeGreaterThan(0.9 * all);
    expect(await growth(0)).toBeLessThan(0.1 * all);
  });
});

describe('the directory of an .npz', () => {
  it('says of each array what reading it would', async () => {
    const entries = await readNpzDirectory(files[0].path);
    expect(entries.map(({ file }) => file)).toEqual(['pos.npy', 'neg.npy']);
    const arrays = readNpz(await readFile(files[0].path), 'torus');
    for (const { file, size, crc } of entries) {
      const npy = formatNpy(arrays.get(file.replace('.npy', ''))!);
      expect([size, crc]).toEqual([npy.length, crc32(npy)]);
    }
  });

  it('never fails otherwise than typed on a damaged file', async () => {
    const whole = writeSamples(samples[0]);
    const random = new Random(3);
    const path = join(folder, 'damaged.npz');
    for (let i = 0; i < 200; i++) {
      const bytes = whole.slice(-200 - random.index(400));
      for (let count = 1 + random.index(4); count > 0; count--) bytes[bytes.length - 1 - random.index(180)] = random.index(256);
      await writeFile(path, bytes);
      const error = await readNpzDirectory(path).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error) expect(error).toMatchObject({ code: 'SAMPLES_INVALID' });
    }
  });
});
