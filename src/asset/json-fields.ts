import { NeuralSdfError } from '../errors.js';

export const isAnything = (value: unknown): value is unknown => value !== undefined;
export const isText = (value: unknown): value is string => typeof value === 'string';
export const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
export const isNumberList = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNumber);
export const isOneOf =
  <T extends string>(values: readonly T[]) =>
  (value: unknown): value is T =>
    values.includes(value as T);

/** More than any description of a decoder has. */
const MAX_LENGTH = 1 << 20;

/** A JSON object whose fields are taken one by one, so that whatever is left was not understood. */
export class JsonFields {
  /** The object, whatever was taken from it. */
  readonly json: Readonly<Record<string, unknown>>;
  private readonly _values: Map<string, unknown>;

  /**
   * @param file what messages call the file
   * @param prefix of the object's fields in messages: '' for the whole file, else such as 'NetworkSpecs.'
   * @throws NeuralSdfError INVALID_SPEC when it is no object
   */
  constructor(
    value: unknown,
    private readonly _file: string,
    private readonly _prefix = '',
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new NeuralSdfError('INVALID_SPEC', `${_file}: ${_prefix.slice(0, -1) || 'the file'} is not an object`, { field: _prefix });
    }
    this.json = value as Readonly<Record<string, unknown>>;
    this._values = new Map(Object.entries(value));
  }

  /** @throws NeuralSdfError INVALID_SPEC when it is no JSON, or endless */
  static parse(text: string, file: string): JsonFields {
    if (text.length > MAX_LENGTH) {
      throw new NeuralSdfError('INVALID_SPEC', `${file} has ${text.length} characters, more than ${MAX_LENGTH}`, { length: text.length });
    }
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      throw new NeuralSdfError('INVALID_SPEC', `${file} is not JSON: ${(cause as Error).message}`, {}, { cause });
    }
    return new JsonFields(json, file);
  }

  /** undefined where absent or null, as DeepSDF treats them alike. */
  take<T>(name: string, isKind: (value: unknown) => value is T): T | undefined {
    const value = this._values.get(name);
    this._values.delete(name);
    if (value === undefined || value === null) return undefined;
    return isKind(value) ? value : this.refuse(name, `is ${JSON.stringify(value).slice(0, 80)}, which is of the wrong kind`);
  }

  /** A field that may hold one value only, or be absent. */
  allow(name: string, only: unknown, why: string): void {
    const value = this.take(name, isAnything);
    if (value !== undefined && JSON.stringify(value) !== JSON.stringify(only)) this.refuse(name, why);
  }

  /** An object; an empty one where absent. */
  group(name: string): JsonFields {
    return this.takeGroup(name) ?? new JsonFields({}, this._file, `${this._prefix}${name}.`);
  }

  takeGroup(name: string): JsonFields | undefined {
    const value = this.take(name, isAnything);
    return value === undefined ? undefined : new JsonFields(value, this._file, `${this._prefix}${name}.`);
  }

  /** A list of objects. */
  takeGroups(name: string): JsonFields[] | undefined {
    const list = this.take(name, (value): value is unknown[] => Array.isArray(value));
    return list?.map((entry, index) => new JsonFields(entry, this._file, `${this._prefix}${name}[${index}].`));
  }

  refuse(name: string, why: string): never {
    const field = this._prefix + name;
    throw new NeuralSdfError('INVALID_SPEC', `${this._file}: ${field} ${why}`, { field });
  }

  refuseRest(): void {
    for (const name of this._values.keys()) this.refuse(name, 'is not known');
  }
}
