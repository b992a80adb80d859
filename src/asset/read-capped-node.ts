import { open } from 'node:fs/promises';
import { NeuralSdfError } from '../errors.js';
import { whyUnreadable } from '../why-unreadable.js';

/** No decoder's file comes near this. */
const MAX_FILE_BYTES = 2 ** 30;

/** A whole file. @throws NeuralSdfError FILE_NOT_FOUND, CHECKPOINT_INVALID when it is larger than any decoder's, before it is read */
export async function readCapped(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size <= MAX_FILE_BYTES) return await file.readFile();
      throw new NeuralSdfError('CHECKPOINT_INVALID', `${path}: ${size} bytes, more than the ${MAX_FILE_BYTES} that are read`, {
        path,
        size,
      });
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof NeuralSdfError) throw cause;
    throw new NeuralSdfError('FILE_NOT_FOUND', `${path}: ${whyUnreadable(cause)}`, { path }, { cause });
  }
}

/** What `parse` returns; its errors with the path in front. */
export function within<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof NeuralSdfError)) throw error;
    throw new NeuralSdfError(error.code, `${path}: ${error.message}`, { ...error.details, path }, { cause: error });
  }
}
