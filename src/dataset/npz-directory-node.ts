import { open } from 'node:fs/promises';
import { NeuralSdfError } from '../errors.js';
import { whyUnreadable } from '../why-unreadable.js';

/** One array of an .npz, as the archive's directory has it. */
export interface NpzEntry {
  /** Such as 'pos.npy'. */
  readonly file: string;
  /** Bytes, unpacked. */
  readonly size: number;
  /** CRC-32 of what is unpacked. */
  readonly crc: number;
}

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
/** The end record may be followed by a comment of this length. */
const LONGEST_COMMENT = 0xffff;

/**
 * Sizes and checksums of an .npz without reading its arrays: the directory at the end of a zip has them. What an archive holds can so be
 * told from a few kilobytes of it.
 * @throws NeuralSdfError FILE_NOT_FOUND, SAMPLES_INVALID where it has no readable directory, as when it is truncated
 */
export async function readNpzDirectory(path: string): Promise<NpzEntry[]> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw new NeuralSdfError('FILE_NOT_FOUND', `cannot read ${path}: ${whyUnreadable(cause)}`, { path, reason: cause.code }, { cause });
  });
  try {
    const { size } = await file.stat();
    const read = async (start: number, end: number) => {
      const bytes = Buffer.alloc(Math.max(0, end - start));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    };
    const tail = await read(Math.max(0, size - END_BYTES - LONGEST_COMMENT), size);
    const end = findEnd(tail);
    if (end < 0) throw invalid(path, 'it has no directory: truncated, or not a zip');
    const count = tail.readUInt16LE(end + 10);
    const length = tail.readUInt32LE(end + 12);
    const start = tail.readUInt32LE(end + 16);
    if (start + length > size) throw invalid(path, 'its directory lies outside of it');
    return parseEntries(await read(start, start + length), count, path);
  } finally {
    await file.close();
  }
}

/** @returns -1 where there is none */
function findEnd(tail: Buffer): number {
  for (let at = tail.length - END_BYTES; at >= 0; at--) if (tail.readUInt32LE(at) === END_SIGNATURE) return at;
  return -1;
}

function parseEntries(bytes: Buffer, count: number, path: string): NpzEntry[] {
  const entries: NpzEntry[] = [];
  let at = 0;
  while (entries.length < count) {
    if (at + ENTRY_BYTES > bytes.length || bytes.readUInt32LE(at) !== ENTRY_SIGNATURE) throw invalid(path, 'its directory is damaged');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const name = bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength).toString('utf8');
    entries.push({ file: name, size: bytes.readUInt32LE(at + 24), crc: bytes.readUInt32LE(at + 16) });
    at += ENTRY_BYTES + nameLength + extraLength + commentLength;
  }
  return entries;
}

function invalid(path: string, reason: string): NeuralSdfError {
  return new NeuralSdfError('SAMPLES_INVALID', `${path}: not a readable .npz archive (${reason})`, { path, reason });
}
