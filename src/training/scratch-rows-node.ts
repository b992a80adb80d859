import { randomBytes } from 'node:crypto';
import { read as readAt } from 'node:fs';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { NeuralSdfError } from '../errors.js';

const ROW_BYTES = 16;

/**
 * Rows of four float32 in a file that nobody else sees: it loses its name as soon as it is open, so that the system takes its room back
 * however the process ends.
 */
export class ScratchRows {
  private _end = 0;

  private constructor(
    private readonly _file: FileHandle,
    private readonly _path: string,
    /** Where a file that is open keeps its name (older Windows): removed when closed. */
    private readonly _named: boolean,
  ) {}

  /**
   * @param beside the file is made in this file's folder: a system's folder for temporary files may lie in memory
   * @throws NeuralSdfError WRITE_FAILED
   */
  static async create(beside: string): Promise<ScratchRows> {
    const path = join(dirname(beside), `.${basename(beside)}.${randomBytes(6).toString('hex')}.rows`);
    try {
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path, 'wx+');
      const named = await unlink(path).then(
        () => false,
        () => true,
      );
      return new ScratchRows(file, path, named);
    } catch (error) {
      throw writeFailed(path, error);
    }
  }

  /** @returns the number of the first row. @throws NeuralSdfError WRITE_FAILED */
  async append(rows: Float32Array): Promise<number> {
    const first = this._end;
    const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this._file.write(bytes, done, bytes.length - done, first * ROW_BYTES + done);
        done += bytesWritten;
      }
    } catch (error) {
      throw writeFailed(this._path, error);
    }
    this._end += rows.length / 4;
    return first;
  }

  /** @param into takes them from row `at` on. @throws NeuralSdfError FILE_NOT_FOUND where the disk refuses */
  read(first: number, count: number, into: Float32Array, at: number): Promise<void> {
    const bytes = new Uint8Array(into.buffer, into.byteOffset + at * ROW_BYTES, count * ROW_BYTES);
    // FileHandle.read takes twice the time of this for 4 KiB.
    return new Promise((resolve, reject) => {
      readAt(this._file.fd, bytes, 0, bytes.length, first * ROW_BYTES, (error, bytesRead) => {
        if (!error && bytesRead === bytes.length) return resolve();
        const reason = error?.code ?? `${bytesRead} of ${bytes.length} bytes`;
        reject(
          new NeuralSdfError('FILE_NOT_FOUND', `cannot read samples back from ${this._path}: ${reason}`, { reason }, { cause: error }),
        );
      });
    });
  }

  /** When nothing is being read. */
  async close(): Promise<void> {
    await this._file.close();
    if (this._named) await unlink(this._path).catch(() => undefined);
  }
}

function writeFailed(path: string, error: unknown): NeuralSdfError {
  const reason = (error as NodeJS.ErrnoException).code ?? String(error);
  return new NeuralSdfError(
    'WRITE_FAILED',
    `cannot write ${path}: ${reason}; it takes 16 bytes a sample`,
    { path, reason },
    { cause: error },
  );
}
