import { readFile } from 'node:fs/promises';
import { readNpzDirectory } from '../dataset/npz-directory-node.js';
import { readSamples } from '../dataset/samples.js';
import { NeuralSdfError } from '../errors.js';
import { crc32 } from './crc32.js';
import { checkSamples } from './memory-samples.js';
import { gatherRows, rowOrder } from './row-order.js';
import type { RowBlock, RowCounts, SampleSource } from './sample-source.js';
import { ScratchRows } from './scratch-rows-node.js';

/** A DeepSDF sample file, .npz. */
export interface SampleFile {
  /** Of the shape. */
  readonly name: string;
  readonly path: string;
}

export interface FileSamplesOptions {
  /** Samples that would take more than this are streamed from a scratch file. */
  readonly memoryBytes: number;
  /** The scratch file is made in this file's folder. */
  readonly scratchBeside: string;
  /** Told of a shape's rows that held a NaN or an infinity, when it is first read. */
  readonly onDroppedRows?: (name: string, rows: number) => void;
}

/** A shape's rows in the source's order, inside ones first: in memory, or in the scratch file from row `first` on. */
interface HeldShape {
  readonly counts: RowCounts;
  readonly rows: Float32Array | { readonly first: number };
}

const DIRECTORIES_AT_ONCE = 32;

/**
 * Samples in files, each read when its shape is first visited, so that a run starts at once however many there are. From then on they are
 * kept in memory where all of them fit, in a scratch file otherwise, in the source's order either way.
 */
export class FileSamples implements SampleSource {
  readonly digest: string;
  /** Bytes of all samples, unpacked. */
  readonly totalBytes: number;
  private readonly _loading = new Map<number, Promise<HeldShape>>();
  private readonly _held: HeldShape[] = [];

  private constructor(
    private readonly _files: readonly SampleFile[],
    private readonly _options: FileSamplesOptions,
    private readonly _fingerprints: readonly Fingerprint[],
    private readonly _scratch: ScratchRows | undefined,
  ) {
    this.totalBytes = totalBytesOf(_fingerprints);
    const text = _files.map(({ name }, i) => `${name}\n${_fingerprints[i].text}\n`).join('');
    const crc = crc32(new TextEncoder().encode(text));
    this.digest = `${_files.length} files, ${this.totalBytes} bytes, crc32 ${crc.toString(16).padStart(8, '0')}`;
  }

  /**
   * Reads no more than the files' directories.
   * @throws NeuralSdfError FILE_NOT_FOUND, SAMPLES_INVALID, WRITE_FAILED
   */
  static async open(files: readonly SampleFile[], options: FileSamplesOptions): Promise<FileSamples> {
    if (files.length === 0) throw new NeuralSdfError('SAMPLES_INVALID', 'no shape to train on');
    const fingerprints: Fingerprint[] = [];
    for (let i = 0; i < files.length; i += DIRECTORIES_AT_ONCE) {
      fingerprints.push(...(await Promise.all(files.slice(i, i + DIRECTORIES_AT_ONCE).map(fingerprintOf))));
    }
    const fits = totalBytesOf(fingerprints) <= options.memoryBytes;
    return new FileSamples(files, options, fingerprints, fits ? undefined : await ScratchRows.create(options.scratchBeside));
  }

  /** Whether batches come from the disk. */
  get isStreamed(): boolean {
    return this._scratch !== undefined;
  }

  get shapeCount(): number {
    return this._files.length;
  }

  async rowCounts(shape: number): Promise<RowCounts> {
    let loading = this._loading.get(shape);
    if (!loading) {
      loading = this._load(shape);
      this._loading.set(shape, loading);
    }
    return (await loading).counts;
  }

  async read(blocks: readonly RowBlock[], into: Float32Array): Promise<void> {
    const reads: Promise<void>[] = [];
    let at = 0;
    for (const { shape, side, first, count } of blocks) {
      const { counts, rows } = this._held[shape];
      const start = side === 'negative' ? 0 : counts.negative;
      const head = Math.min(count, counts[side] - first);
      const parts = [
        { from: start + first, length: head, to: at },
        { from: start, length: count - head, to: at + head },
      ];
      for (const { from, length, to } of parts) {
        if (rows instanceof Float32Array) into.set(rows.subarray(4 * from, 4 * (from + length)), 4 * to);
        else if (length > 0) reads.push(this._scratch!.read(rows.first + from, length, into, to));
      }
      at += count;
    }
    await Promise.all(reads);
  }

  /** Frees the memory, or the disk. When nothing is being read. */
  async close(): Promise<void> {
    this._loading.clear();
    this._held.length = 0;
    await this._scratch?.close();
  }

  private async _load(shape: number): Promise<HeldShape> {
    const file = this._files[shape];
    const { samples, droppedRows } = readSamples(await readFile(file.path), file.name);
    // What is read must be what the run's identity says.
    if ((await fingerprintOf(file)).text !== this._fingerprints[shape].text) {
      throw new NeuralSdfError('SAMPLES_INVALID', `${file.path} was changed since training began`, { path: file.path });
    }
    if (droppedRows > 0) this._options.onDroppedRows?.(file.name, droppedRows);
    checkSamples(samples);
    const { negative, positive } = samples;
    const counts = { negative: negative.length / 4, positive: positive.length / 4 };
    const rows = new Float32Array(negative.length + positive.length);
    gatherRows(negative, rowOrder(counts.negative), rows, 0);
    gatherRows(positive, rowOrder(counts.positive), rows, counts.negative);
    const held = { counts, rows: this._scratch ? { first: await this._scratch.append(rows) } : rows };
    this._held[shape] = held;
    return held;
  }
}

/** What tells a sample file's contents from others, by its directory alone. */
interface Fingerprint {
  readonly bytes: number;
  readonly text: string;
}

async function fingerprintOf({ name, path }: SampleFile): Promise<Fingerprint> {
  const entries = await readNpzDirectory(path);
  const arrays = ['pos.npy', 'neg.npy'].map((file) => entries.find((entry) => entry.file === file));
  const [pos, neg] = arrays;
  if (!pos || !neg) {
    throw new NeuralSdfError('SAMPLES_INVALID', `${name}: ${pos ? 'neg' : 'pos'} is missing; DeepSDF's sample files hold [n, 4] floats`, {
      path,
    });
  }
  return { bytes: pos.size + neg.size, text: [pos, neg].map(({ size, crc }) => `${size} ${crc}`).join('\n') };
}

function totalBytesOf(fingerprints: readonly Fingerprint[]): number {
  return fingerprints.reduce((sum, { bytes }) => sum + bytes, 0);
}
