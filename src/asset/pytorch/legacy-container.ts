import { type ByteCursor, refuseCheckpoint } from './byte-cursor.js';
import { unpickle } from './pickle-reader.js';
import { globalsOf, type PickleValue } from './pickle-values.js';
import { ELEMENT_TYPES } from './tensor.js';
import { entryOf, StorageTable, TORCH_GLOBALS } from './torch-globals.js';

/** torch.serialization's MAGIC_NUMBER and PROTOCOL_VERSION. */
export const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
export const LEGACY_PROTOCOL = 1001;

/**
 * The container of torch.save before PyTorch 1.6 (and of `_use_new_zipfile_serialization=False`): five pickles, which are magic number,
 * protocol, machine, value and the storages' keys; then each storage as its element count, uint64, and its elements.
 * @param cursor at the file's start
 * @throws NeuralSdfError CHECKPOINT_UNSAFE, CHECKPOINT_INVALID
 */
export function readLegacyContainer(cursor: ByteCursor): PickleValue {
  const plain = () => unpickle(cursor, { globals: globalsOf() });
  if (plain() !== LEGACY_MAGIC) return refuseCheckpoint("a pickle without PyTorch's magic number");
  const protocol = plain();
  if (protocol !== LEGACY_PROTOCOL) return refuseCheckpoint(`PyTorch's protocol ${String(protocol)}, only ${LEGACY_PROTOCOL} is read`);
  if (entryOf(plain(), 'little_endian') === false) return refuseCheckpoint('written on a big-endian machine, which is not read');
  const table = new StorageTable();
  const value = unpickle(cursor, { globals: TORCH_GLOBALS, persistent: table.find });
  const keys = plain();
  if (!Array.isArray(keys)) return refuseCheckpoint('no list of storages behind the value');
  for (const key of keys) {
    const storage = table.storages.get(String(key)) ?? refuseCheckpoint(`storage ${String(key)} belongs to no tensor`);
    const length = cursor.uint64();
    if (length !== storage.length)
      return refuseCheckpoint(`storage ${storage.key} has ${length} elements, its tensors say ${storage.length}`);
    storage.bytes = cursor.take(length * ELEMENT_TYPES[storage.type].bytes);
  }
  return value;
}
