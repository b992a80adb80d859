import { readFile } from 'node:fs/promises';
import { type NeuralShapes, readShapes } from '../asset/index.js';
import { NeuralSdfError } from '../errors.js';
import { whyUnreadable } from '../why-unreadable.js';

/** @throws NeuralSdfError FILE_NOT_FOUND */
export async function readInput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new NeuralSdfError('FILE_NOT_FOUND', `${path}: ${whyUnreadable(cause)}`, { path }, { cause });
  }
}

/** @throws NeuralSdfError FILE_NOT_FOUND, ASSET_INVALID with the path in front */
export async function readAsset(path: string): Promise<NeuralShapes> {
  const bytes = await readInput(path);
  try {
    return await readShapes(bytes);
  } catch (error) {
    if (error instanceof NeuralSdfError)
      throw new NeuralSdfError(error.code, `${path}: ${error.message}`, { ...error.details, path }, { cause: error });
    throw error;
  }
}
