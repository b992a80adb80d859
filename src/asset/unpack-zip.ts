import { unzipSync } from 'fflate';
import { refuseCheckpoint } from './pytorch/byte-cursor.js';

/** What unpacking may cost at most; the paper's decoder takes 7 MB. PyTorch and NumPy store, but whoever packed the file again may not have. */
const LIMITS = { entries: 16_384, unpackedBytes: 2 ** 30, deflateRatio: 1032 } as const;

/** Whether bytes begin as a zip. */
export const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/** The files in a zip, by name. @throws NeuralSdfError CHECKPOINT_INVALID when it is damaged, or larger than the caps, before it is unpacked */
export function unpackZip(bytes: Uint8Array): Map<string, Uint8Array> {
  let count = 0;
  let unpacked = 0;
  try {
    const entries = unzipSync(bytes, {
      // Asked before each entry is unpacked; entries may overlap, so that the sum counts, not the single size.
      filter: ({ name, size, originalSize, compression }) => {
        const possible = compression === 0 ? size : (size + 1) * LIMITS.deflateRatio;
        unpacked += originalSize;
        const most = compression === 0 ? bytes.length : LIMITS.unpackedBytes;
        if (!(originalSize <= possible && size <= bytes.length && unpacked <= most) || ++count > LIMITS.entries) {
          throw new Error(`entry ${count} (${name.slice(0, 80)}) announces ${originalSize} bytes`);
        }
        return true;
      },
    });
    return new Map(Object.entries(entries));
  } catch (cause) {
    return refuseCheckpoint(`not a readable zip (${cause instanceof Error ? cause.message : String(cause)})`, {}, cause);
  }
}
