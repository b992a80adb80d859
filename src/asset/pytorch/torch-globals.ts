import { refuseCheckpoint } from './byte-cursor.js';
import { globalsOf, ORDERED_DICT, PickleDict, PickleGlobal, type PickleGlobals, type PickleValue } from './pickle-values.js';
import { ELEMENT_TYPES, type ElementType, StoredTensor, TensorStorage } from './tensor.js';

/** All that a checkpoint of tensors names: how PyTorch pickles a tensor, a parameter, a shape and a state dict, and its storage types. */
export const TORCH_GLOBALS: PickleGlobals = globalsOf(
  ORDERED_DICT,
  new PickleGlobal('torch._utils._rebuild_tensor_v2', rebuildTensor),
  new PickleGlobal('torch._utils._rebuild_tensor', rebuildTensor),
  new PickleGlobal('torch._utils._rebuild_parameter', ([tensor]) => tensorOf(tensor)),
  new PickleGlobal('torch.Size', ([sizes]) => numbersOf(sizes)),
  ...Object.keys(ELEMENT_TYPES).map((type) => new PickleGlobal(`torch.${type}`)),
);

/** (storage, offset, size, stride, …): what follows (requires_grad, hooks) means nothing here. */
function rebuildTensor([storage, offset, shape, strides]: readonly PickleValue[]): StoredTensor {
  if (!(storage instanceof TensorStorage)) return refuseCheckpoint('a tensor without a storage');
  return new StoredTensor(storage, numbersOf([offset])[0], numbersOf(shape), numbersOf(strides));
}

function tensorOf(value: PickleValue | undefined): StoredTensor {
  return value instanceof StoredTensor ? value : refuseCheckpoint('a parameter that is no tensor');
}

function numbersOf(value: PickleValue | undefined): number[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'number')) {
    return refuseCheckpoint('a tensor whose offset, shape or strides are no numbers');
  }
  return value as number[];
}

/**
 * Storages as PyTorch's pickles refer to them: ('storage', class, key, device, elements[, view]). Each key is one storage however
 * many tensors look into it.
 */
export class StorageTable {
  readonly storages = new Map<string, TensorStorage>();

  /** @throws NeuralSdfError CHECKPOINT_INVALID */
  readonly find = (id: PickleValue): TensorStorage => {
    const [kind, type, key, , length, view] = Array.isArray(id) ? id : [];
    if (kind !== 'storage' || !(type instanceof PickleGlobal) || typeof key !== 'string' || !isCount(length)) {
      return refuseCheckpoint('a reference to something other than a storage of numbers');
    }
    if (view !== undefined && view !== null)
      return refuseCheckpoint('storages inside storages, of PyTorch before 0.4; save the file again');
    const name = type.name.slice('torch.'.length);
    if (!Object.hasOwn(ELEMENT_TYPES, name)) return refuseCheckpoint(`${type.name} is no type of storage`);
    const known = this.storages.get(key);
    if (known) {
      return known.type === name && known.length === length ? known : refuseCheckpoint(`storage ${key} is of two types or lengths`);
    }
    const storage = new TensorStorage(key, name as ElementType, length);
    this.storages.set(key, storage);
    return storage;
  };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Entry of a dict. @returns undefined where `value` is no dict or has none */
export function entryOf(value: PickleValue | undefined, key: string): PickleValue | undefined {
  return value instanceof PickleDict ? value.get(key) : undefined;
}
