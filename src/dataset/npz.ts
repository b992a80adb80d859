import { unzipSync, zipSync } from 'fflate';
import { NeuralSdfError } from '../errors.js';
import { formatNpy, type NpyArray, parseNpy } from './npy.js';

/** No array of a shape's samples, of a depth image or of a normalisation comes near this. */
const MAX_ENTRY_BYTES = 2 ** 30;
const MAX_ENTRIES = 1024;
/** DEFLATE cannot expand by more; a header that says so lies. */
const MAX_DEFLATE_RATIO = 1032;

/**
 * Reads NumPy's .npz: a zip, stored or DEFLATE, of .npy arrays.
 * @param name used in messages
 * @throws NeuralSdfError SAMPLES_INVALID when the zip or one of its arrays is damaged, or larger than the caps, before it is allocated
 */
export function readNpz(bytes: Uint8Array, name: string): Map<string, NpyArray> {
  const entries = unzip(bytes, name);
  return new Map(Object.entries(entries).map(([file, data]) => [file.replace(/\.npy$/, ''), parseNpy(data, `${name}: ${file}`)]));
}

function unzip(bytes: Uint8Array, name: string): Record<string, Uint8Array> {
  let count = 0;
  const expected = new Map<string, number>();
  try {
    const entries = unzipSync(bytes, {
      filter: (entry) => {
        count++;
        const possible = entry.compression === 0 ? entry.size : (entry.size + 1) * MAX_DEFLATE_RATIO;
        const stored = entry.size <= bytes.length && entry.originalSize <= Math.min(possible, MAX_ENTRY_BYTES);
        if (!stored || count > MAX_ENTRIES) throw new Error(`entry ${entry.name} announces ${entry.originalSize} bytes`);
        expected.set(entry.name, entry.originalSize);
        return entry.name.endsWith('.npy');
      },
    });
    for (const [file, data] of Object.entries(entries)) {
      if (data.length !== expected.get(file)) throw new Error(`entry ${file} holds ${data.length} of ${expected.get(file)} bytes`);
    }
    return entries;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NeuralSdfError('SAMPLES_INVALID', `${name}: not a readable .npz archive (${reason})`, { name, reason }, { cause: error });
  }
}

/** Writes NumPy's .npz, stored: samples are noise to a compressor. The same arrays give the same bytes. */
export function writeNpz(arrays: Readonly<Record<string, NpyArray>>): Uint8Array<ArrayBuffer> {
  const files = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, formatNpy(array)]));
  return zipSync(files, { level: 0, mtime: new Date(1980, 0, 1) }) as Uint8Array<ArrayBuffer>;
}
