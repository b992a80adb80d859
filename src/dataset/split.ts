import { NeuralSdfError } from '../errors.js';

/** One shape's place in DeepSDF's folder layout; each part is one folder or file name. */
export interface Instance {
  readonly dataset: string;
  readonly className: string;
  readonly name: string;
}

/** DeepSDF's split file: {dataset: {class: [instance, ...]}}. */
export type Split = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Groups instances as a split file does, keeping their order. */
export function splitOf(instances: readonly Instance[]): Split {
  const split: Record<string, Record<string, string[]>> = {};
  for (const { dataset, className, name } of instances) {
    split[dataset] ??= {};
    split[dataset][className] ??= [];
    split[dataset][className].push(name);
  }
  return split;
}

/** @throws NeuralSdfError SAMPLES_INVALID */
export function parseSplit(bytes: Uint8Array, name: string): Split {
  const fail = (reason: string, cause?: unknown) =>
    new NeuralSdfError('SAMPLES_INVALID', `${name}: not a split file, {dataset: {class: [instance, ...]}}: ${reason}`, { name }, { cause });
  let split: unknown;
  try {
    split = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw fail('not JSON', error);
  }
  const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(split) || !Object.values(split).every(isObject)) throw fail('objects expected');
  for (const classes of Object.values(split)) {
    for (const names of Object.values(classes)) {
      if (!Array.isArray(names) || !names.every((n) => typeof n === 'string')) throw fail('lists of names expected');
    }
  }
  const unsafe = instancesOfSplit(split as Split)
    .flatMap(({ dataset, className, name: instance }) => [dataset, className, instance])
    .find((part) => !isSafeName(part));
  if (unsafe !== undefined) throw fail(`"${unsafe}" is not a plain name`);
  return split as Split;
}

/** A name that stays in its folder. */
export function isSafeName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && name !== '__proto__' && !/[/\\\0]/.test(name);
}

/** In the file's order. */
export function instancesOfSplit(split: Split): Instance[] {
  return Object.entries(split).flatMap(([dataset, classes]) =>
    Object.entries(classes).flatMap(([className, names]) => names.map((name) => ({ dataset, className, name }))),
  );
}

/** For messages and look-ups. */
export const instanceKey = ({ dataset, className, name }: Instance): string => `${dataset}/${className}/${name}`;
