import { ByteCursor, latin1, refuseCheckpoint } from './byte-cursor.js';
import { unpickle } from './pickle-reader.js';
import type { PickleValue } from './pickle-values.js';
import { StorageTable, TORCH_GLOBALS } from './torch-globals.js';

/**
 * The container of torch.save since PyTorch 1.6: a zip with <name>/data.pkl and a file <name>/data/<key> for each storage.
 * @param entries the zip, unpacked
 * @throws NeuralSdfError CHECKPOINT_UNSAFE, CHECKPOINT_INVALID
 */
export function readZipContainer(entries: ReadonlyMap<string, Uint8Array>): PickleValue {
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
