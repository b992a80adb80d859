import { firstNotFinite } from '../decoder/decoder.js';
import { NeuralSdfError } from '../errors.js';
import { EXTENSION_LIMITS } from './extension-schema.js';
import { refuseCheckpoint } from './pytorch/byte-cursor.js';
import { NumpyArray } from './pytorch/numpy-object.js';
import { PickleDict, type PickleValue } from './pytorch/pickle-values.js';
import { StoredTensor } from './pytorch/tensor.js';

/**
 * Latent codes in any of the forms they are kept in: an embedding's state dict, a tensor [n, codeLength] or [n, 1, codeLength] (older
 * DeepSDF), a list of tensors, a NumPy array; each alone or under `latent_codes`.
 * @returns [codeLength] each
 * @throws NeuralSdfError CHECKPOINT_INVALID, LATENT_LENGTH, NOT_FINITE
 */
export function latentsOf(value: PickleValue, codeLength: number): Float32Array[] {
  let found = value;
  for (const key of ['latent_codes', 'weight', 'module.weight']) if (found instanceof PickleDict) found = found.get(key) ?? found;
  if (found instanceof NumpyArray) found = found.tensor ?? null;
  const tensors = Array.isArray(found) ? found : [found];
  if (tensors.length > EXTENSION_LIMITS.shapes)
    return refuseCheckpoint(`${tensors.length} latent codes, more than ${EXTENSION_LIMITS.shapes}`);
  const latents: Float32Array[] = [];
  for (const tensor of tensors) {
    if (!(tensor instanceof StoredTensor)) return refuseCheckpoint('no tensor of latent codes');
    const length = tensor.shape.at(-1);
    if (length !== codeLength) {
      throw new NeuralSdfError(
        'LATENT_LENGTH',
        `checkpoint: latent codes of shape [${tensor.shape}], the specs say ${codeLength} values each`,
        {
          shape: tensor.shape,
          codeLength,
        },
      );
    }
    const count = tensor.length / codeLength;
    if (latents.length + count > EXTENSION_LIMITS.shapes) return refuseCheckpoint(`more than ${EXTENSION_LIMITS.shapes} latent codes`);
    const values = tensor.toFloat32();
    const bad = firstNotFinite(values);
    if (bad >= 0)
      throw new NeuralSdfError('NOT_FINITE', `checkpoint: latent code ${Math.floor(bad / codeLength)} holds ${values[bad]}`, { at: bad });
    for (let i = 0; i < count; i++) latents.push(values.slice(i * codeLength, (i + 1) * codeLength));
  }
  return latents.length > 0 ? latents : refuseCheckpoint('no latent codes');
}
