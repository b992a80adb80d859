import { copyFile, readFile } from 'node:fs/promises';
import { NeuralSdfError } from '../errors.js';
import { writeFileAtomic } from '../write-file-node.js';
import { parseCheckpoint, serializeCheckpoint, type TrainingCheckpoint } from './checkpoint.js';

/** Where the checkpoint before the last is kept. */
export function previousCheckpointPath(path: string): string {
  return `${path}.previous`;
}

/**
 * Writes a checkpoint; a process killed at any moment leaves the old one or the new one at `path`, never a part.
 * The one that was there is copied aside first, against a disk that damages the newest file.
 * @param alsoAt where the same checkpoint is kept besides, as the best or as that of an epoch
 * @throws NeuralSdfError WRITE_FAILED
 */
export async function saveCheckpoint(path: string, checkpoint: TrainingCheckpoint, alsoAt: readonly string[] = []): Promise<void> {
  const bytes = serializeCheckpoint(checkpoint);
  await copyFile(path, previousCheckpointPath(path)).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return;
    const reason = cause.code ?? String(cause);
    throw new NeuralSdfError('WRITE_FAILED', `cannot keep the previous checkpoint of ${path}: ${reason}`, { path, reason }, { cause });
  });
  for (const target of [path, ...alsoAt]) await writeFileAtomic(target, bytes);
}

/**
 * Reads a checkpoint, or the one before it where the newest is missing or damaged.
 * @returns `fallback` holds why the newest was not used, if it was not
 * @throws NeuralSdfError FILE_NOT_FOUND where there is neither, CHECKPOINT_INVALID where none is usable
 */
export async function loadCheckpoint(path: string): Promise<{ checkpoint: TrainingCheckpoint; fallback?: NeuralSdfError }> {
  try {
    return { checkpoint: await read(path) };
  } catch (error) {
    if (!(error instanceof NeuralSdfError)) throw error;
    const previous = await read(previousCheckpointPath(path)).catch(() => undefined);
    if (!previous) throw error;
    return { checkpoint: previous, fallback: error };
  }
}

async function read(path: string): Promise<TrainingCheckpoint> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code ?? String(cause);
    throw new NeuralSdfError('FILE_NOT_FOUND', `cannot read the checkpoint ${path}: ${reason}`, { path, reason }, { cause });
  });
  try {
    return parseCheckpoint(bytes);
  } catch (cause) {
    if (!(cause instanceof NeuralSdfError)) throw cause;
    throw new NeuralSdfError(cause.code, `${path}: ${cause.message}`, { ...cause.details, path }, { cause });
  }
}
