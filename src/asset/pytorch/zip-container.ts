import { unzipSync } from 'fflate';
import { ByteCursor, latin1, refuseCheckpoint } from './byte-cursor.js';
import { unpickle } from './pickle-reader.js';
import type { PickleValue } from './pickle-values.js';
import { StorageTable, TORCH_GLOBALS } from './torch-globals.js';

/** What unpacking may cost at most; the paper's decoder takes 7 MB. PyTorch stores, but whoever packed the file again may not have. */
const LIMITS = { entries: 16_384, unpackedBytes: 2 ** 30, deflateRatio: 1032 } as const;

/**
 * The container of torch.save since PyTorch 1.6: a zip with <name>/data.pkl and a file <name>/data/<key> for each storage.
 * @throws NeuralSdfError CHECKPOINT_UNSAFE, CHECKPOINT_INVALID
 */
export function readZipContainer(bytes: Uint8Array): PickleValue {
  const entries = unzip(bytes);
  const pickles = [...entries.keys()].filter((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickles.length !== 1) return refuseCheckpoint(`a zip with ${pickles.length} entries data.pkl, where PyTorch writes one`);
  const root = pickles[0].slice(0, -'data.pkl'.length);
  const byteOrder = latin1(entries.get(`${root}byteorder`) ?? new Uint8Array());
  if (byteOrder !== '' && byteOrder !== 'little') return refuseCheckpoint(`byte order ${JSON.stringify(byteOrder)}, only little is read`);
  const table = new StorageTable();
  const value = unpickle(new ByteCursor(entries.get(pickles[0])!), { globals: TORCH_GLOBALS, persistent: table.find });
  for (const storage of table.storages.values()) storage.bytes = entries.get(`${root}data/${storage.key}`);
  return value;
}

function unzip(bytes: Uint8Array): Map<string, Uint8Array> {
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
