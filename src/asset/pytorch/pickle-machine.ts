import { NeuralSdfError } from '../../errors.js';
import { refuseCheckpoint } from './byte-cursor.js';
import { PickleDict, PickleGlobal, type PickleGlobals, PickleObject, type PickleValue } from './pickle-values.js';

/** Cap on what is moved into tuples, lists and dicts: a small file must not fill the memory or take for ever. */
const MAX_ITEMS = 4_000_000;

export interface UnpickleOptions {
  /** All that the pickle may name. */
  readonly globals: PickleGlobals;
  /** Finds what lies outside the pickle, such as a tensor's storage. Not given where nothing does. */
  readonly persistent?: (id: PickleValue) => PickleValue;
}

/** What pickle's instructions act on: a stack, marks in it, and a memo. Every method throws NeuralSdfError CHECKPOINT_INVALID. */
export class PickleMachine {
  private readonly _stack: PickleValue[] = [];
  /** Heights of the stack. */
  private readonly _marks: number[] = [];
  private readonly _memo = new Map<number, PickleValue>();
  private _itemsLeft = MAX_ITEMS;

  constructor(private readonly _options: UnpickleOptions) {}

  push(value: PickleValue): void {
    this._stack.push(value);
  }

  pop(): PickleValue {
    const value = this.top();
    this._stack.pop();
    return value;
  }

  top(): PickleValue {
    if (this._stack.length <= (this._marks.at(-1) ?? 0)) refuseCheckpoint('the pickle takes a value that is not there');
    return this._stack[this._stack.length - 1];
  }

  /** In the order they were pushed. */
  popMany(count: number): PickleValue[] {
    if (this._stack.length - count < (this._marks.at(-1) ?? 0)) refuseCheckpoint('the pickle takes values that are not there');
    return this._stack.splice(this._stack.length - count);
  }

  mark(): void {
    this._marks.push(this._stack.length);
  }

  popToMark(): PickleValue[] {
    const mark = this._marks.pop() ?? refuseCheckpoint('the pickle closes what it did not open');
    this._spend(this._stack.length - mark);
    return this._stack.splice(mark);
  }

  /** A value, or the mark if that is on top. */
  discard(): void {
    if (this._marks.at(-1) === this._stack.length) this._marks.pop();
    else this.pop();
  }

  /** The value that the pickle is. */
  finish(): PickleValue {
    const value = this.pop();
    if (this._stack.length + this._marks.length > 0) refuseCheckpoint('the pickle ends in the middle of a value');
    return value;
  }

  append(values: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) refuseCheckpoint('the pickle appends to what is no list');
    for (const value of values) list.push(value);
  }

  setItems(items: readonly PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof PickleDict)) refuseCheckpoint('the pickle sets entries of what is no dict');
    if (items.length % 2 !== 0) refuseCheckpoint('the pickle has a key without a value');
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  }

  /** @param index the next free one if not given */
  remember(index = this._memo.size): void {
    this._memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this._memo.get(index);
    this.push(value === undefined ? refuseCheckpoint(`the pickle refers to value ${index}, which it never made`) : value);
  }

  /** @throws NeuralSdfError CHECKPOINT_UNSAFE for a name that is not on the allow-list */
  pushGlobal(module: string, name: string): void {
    const dotted = `${module}.${name}`;
    const known = this._options.globals.get(dotted);
    if (!known) {
      throw new NeuralSdfError(
        'CHECKPOINT_UNSAFE',
        `checkpoint: the pickle asks for '${dotted}', which no tensor needs; nothing was run. Save a state_dict() of tensors instead of objects`,
        { global: dotted },
      );
    }
    this.push(known);
  }

  call(callable: PickleValue, parameters: PickleValue): void {
    if (!(callable instanceof PickleGlobal) || !callable.call) refuseCheckpoint('the pickle calls what cannot be called');
    if (!Array.isArray(parameters)) refuseCheckpoint(`${callable.name} is called without a tuple`);
    this.push(callable.call(parameters, (items) => this._spend(items)));
  }

  build(): void {
    const state = this.pop();
    const target = this.top();
    if (!(target instanceof PickleObject)) refuseCheckpoint('the pickle gives a state to plain data');
    target.setState(state);
  }

  pushPersistent(id: PickleValue): void {
    const find = this._options.persistent ?? (() => refuseCheckpoint('the pickle refers to something outside itself'));
    this.push(find(id));
  }

  private _spend(items: number): void {
    this._itemsLeft -= items;
    if (this._itemsLeft < 0) refuseCheckpoint(`the pickle holds more than ${MAX_ITEMS} items`);
  }
}
