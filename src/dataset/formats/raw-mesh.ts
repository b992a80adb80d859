import { NeuralSdfError, type NeuralSdfErrorCode } from '../../errors.js';

/** What a format's parser hands over: numbers as they stand in the file, not checked yet. */
export interface RawMesh {
  /** [vertices, 3] */
  readonly positions: ArrayLike<number>;
  /** [triangles, 3] */
  readonly triangles: ArrayLike<number>;
}

/** A parser's error: names the file, and the line or byte where known. */
export function meshError(code: NeuralSdfErrorCode, name: string, reason: string, cause?: unknown): NeuralSdfError {
  return new NeuralSdfError(code, `${name}: ${reason}`, { name, reason }, cause === undefined ? undefined : { cause });
}

/** Cuts a convex polygon into a fan around its first corner. */
export function pushFan(triangles: number[], corners: ArrayLike<number>): void {
  for (let i = 2; i < corners.length; i++) triangles.push(corners[0], corners[i - 1], corners[i]);
}
