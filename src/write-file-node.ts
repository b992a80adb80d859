import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { NeuralSdfError } from './errors.js';

/**
 * Writes a file so that whoever reads `path` finds the old contents or the new ones, never a part: temporary file in the
 * same folder, fsync, rename. Missing folders are made. A failed write leaves no temporary behind.
 * @param contents bytes, or text written as UTF-8
 * @throws NeuralSdfError WRITE_FAILED with the path and the system's reason, for example ENOSPC
 */
export async function writeFileAtomic(path: string, contents: Uint8Array | string): Promise<void> {
  const folder = dirname(path);
  // Hidden, so that a folder listing taken meanwhile does not pick it up; random, so that two writers do not meet.
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    await writeAndSync(temporary, contents);
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new NeuralSdfError('WRITE_FAILED', `cannot write ${path}: ${reason}`, { path, reason }, { cause: error });
  }
}

async function writeAndSync(path: string, contents: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(contents);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Without this a power cut may undo the rename. Not every system lets a folder be opened: there the rename alone must do. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  try {
    await handle?.sync();
  } catch (error) {
    if (!['EINVAL', 'EPERM', 'ENOTSUP', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await handle?.close();
  }
}
