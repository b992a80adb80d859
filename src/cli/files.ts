import { readFile } from 'node:fs/promises';
import { type NeuralShapes, readShapes } from '../asset/index.js';
import { NeuralSdfError } from '../errors.js';

/** @throws NeuralSdfError FILE_NOT_FOUND */
export async function readInput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (cause as Error).message;
    throw new NeuralSdfError('FILE_NOT_FOUND', `${path}: ${reason}`, { path }, { cause });
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

/** Finds a shape by index or by name. @throws NeuralSdfError SHAPE_NOT_FOUND with near names */
export function findShape(shapes: NeuralShapes, wanted: string): number {
  const byName = shapes.shapes.findIndex((shape) => shape.name === wanted);
  if (byName >= 0) return byName;
  const index = Number(wanted);
  if (/^\d+$/.test(wanted) && index < shapes.shapes.length) return index;
  const names = shapes.shapes.map((shape) => shape.name);
  const listed = names.length > 12 ? `${names.slice(0, 12).join(', ')}, … (${names.length}; info lists them)` : names.join(', ');
  throw new NeuralSdfError('SHAPE_NOT_FOUND', `no shape '${wanted}'; there are: ${listed}`, { wanted });
}
