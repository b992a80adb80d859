import { NeuralSdfError } from '../../errors.js';
import { isZip, unpackZip } from '../unpack-zip.js';
import { ByteCursor, latin1, refuseCheckpoint } from './byte-cursor.js';
import { readLegacyContainer } from './legacy-container.js';
import type { PickleValue } from './pickle-values.js';
import { readZipContainer } from './zip-container.js';

/**
 * What torch.save wrote, in either of its containers. Tensors are StoredTensor, dicts PickleDict; no tensor's data are copied yet.
 * @throws NeuralSdfError CHECKPOINT_UNSAFE when the file asks for anything but tensors, CHECKPOINT_INVALID when it is damaged or no
 * checkpoint, ASSET_UNSUPPORTED for the tar files of PyTorch before 0.1.10
 */
export function readTorchFile(bytes: Uint8Array): PickleValue {
  if (isZip(bytes)) return readZipContainer(unpackZip(bytes));
  if (bytes[0] === 0x80) return readLegacyContainer(new ByteCursor(bytes));
  if (latin1(bytes.subarray(257, 262)) === 'ustar') {
    throw new NeuralSdfError(
      'ASSET_UNSUPPORTED',
      'checkpoint: the tar container of PyTorch before 0.1.10; load and save it with a later one',
    );
  }
  return refuseCheckpoint('neither of the containers that torch.save writes');
}
