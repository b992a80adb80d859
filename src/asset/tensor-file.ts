import type { PickleValue } from './pytorch/pickle-values.js';
import { PickleDict } from './pytorch/pickle-values.js';
import { readTorchFile } from './pytorch/read-torch-file.js';
import { isSafetensors, readSafetensors } from './safetensors.js';

/**
 * Tensors from a file of any kind that is read: torch.save's containers, safetensors.
 * @throws NeuralSdfError CHECKPOINT_UNSAFE, CHECKPOINT_INVALID, ASSET_UNSUPPORTED
 */
export function readTensorFile(bytes: Uint8Array): PickleValue {
  if (!isSafetensors(bytes)) return readTorchFile(bytes);
  const dict = new PickleDict();
  for (const [name, tensor] of readSafetensors(bytes)) dict.set(name, tensor);
  return dict;
}
