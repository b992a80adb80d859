import { refuseCheckpoint } from './pytorch/byte-cursor.js';
import { readNpyTensor } from './pytorch/npy.js';
import type { PickleValue } from './pytorch/pickle-values.js';
import { PickleDict } from './pytorch/pickle-values.js';
import { readTorchFile } from './pytorch/read-torch-file.js';
import { StoredTensor } from './pytorch/tensor.js';
import { entryOf } from './pytorch/torch-globals.js';
import { readZipContainer } from './pytorch/zip-container.js';
import { isSafetensors, readSafetensors } from './safetensors.js';
import { isZip, unpackZip } from './unpack-zip.js';

/**
 * Tensors from a file of any kind that a checkpoint comes in: torch.save's containers, safetensors.
 * @throws NeuralSdfError CHECKPOINT_UNSAFE, CHECKPOINT_INVALID, ASSET_UNSUPPORTED
 */
export function readTensorFile(bytes: Uint8Array): PickleValue {
  if (!isSafetensors(bytes)) return readTorchFile(bytes);
  const dict = new PickleDict();
  for (const [name, tensor] of readSafetensors(bytes)) dict.set(name, tensor);
  return dict;
}

/** Where a state dict stands in what people save around it. */
const STATE_DICT_KEYS = ['model_state_dict', 'state_dict', 'model'];
const MAX_TENSORS = 4096;

/**
 * Tensors by name: of an .npz, a safetensors file, or a state dict that torch.save wrote, alone or under one of its usual names.
 * @throws NeuralSdfError CHECKPOINT_UNSAFE, CHECKPOINT_INVALID, ASSET_UNSUPPORTED
 */
export function readNamedTensors(bytes: Uint8Array): Map<string, StoredTensor> {
  if (isSafetensors(bytes)) return readSafetensors(bytes);
  const tensors = new Map<string, StoredTensor>();
  const take = (name: string, tensor: StoredTensor) => {
    if (tensors.size === MAX_TENSORS) refuseCheckpoint(`more than ${MAX_TENSORS} tensors`);
    tensors.set(name, tensor);
  };
  const entries = isZip(bytes) ? unpackZip(bytes) : undefined;
  const arrays = [...(entries ?? [])].filter(([file]) => file.endsWith('.npy'));
  if (arrays.length > 0) {
    for (const [file, data] of arrays) take(file.slice(0, -'.npy'.length), readNpyTensor(file, data));
    return tensors;
  }
  const root = entries ? readZipContainer(entries) : readTorchFile(bytes);
  const [dict = root] = STATE_DICT_KEYS.flatMap((key) => entryOf(root, key) ?? []);
  for (const [name, tensor] of dict instanceof PickleDict ? dict.entries : []) {
    if (tensor instanceof StoredTensor) take(String(name), tensor);
  }
  return tensors.size > 0 ? tensors : refuseCheckpoint('no tensors by name');
}
