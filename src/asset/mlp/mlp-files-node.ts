import { NeuralSdfError } from '../../errors.js';
import { readCapped, within } from '../read-capped-node.js';
import { type ImportedMlp, readMlp } from './read-mlp.js';

/**
 * Reads a perceptron's tensors and its description.
 * @param tensors path of an .npz, .safetensors, .pth or .pt file
 * @param spec path of its JSON; the same name with .json when not given
 * @throws NeuralSdfError FILE_NOT_FOUND; as `readMlp`, with the path in front
 */
export async function readMlpFiles(tensors: string, spec = tensors.replace(/\.\w+$/, '.json')): Promise<ImportedMlp> {
  const [bytes, text] = await Promise.all([readCapped(tensors), readSpec(spec)]);
  return within(tensors, () => readMlp({ tensors: bytes, spec: text }));
}

async function readSpec(path: string): Promise<string> {
  try {
    return new TextDecoder().decode(await readCapped(path));
  } catch (error) {
    if (!(error instanceof NeuralSdfError) || error.code !== 'FILE_NOT_FOUND') throw error;
    throw new NeuralSdfError('FILE_NOT_FOUND', `${error.message}: a file of tensors needs a description beside it, see assets/MLP.md`, {
      path,
    });
  }
}
