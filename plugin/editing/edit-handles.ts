import { Quaternion, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { CombineData, CutData, EditData, OperandData, RoundData, ShellData, Vector } from '../../src/editing/edit-data.js';

/** The same data, where a Vector3 or a Quaternion will do as well. */
export type Loose<T> = {
  [K in keyof T]: K extends 'position' | 'size' | 'normal'
    ? Vector | Vector3
    : K extends 'rotation'
      ? readonly [number, number, number, number] | Quaternion
      : T[K];
};

/** Vectors and quaternions as lists of numbers; the rest as it is. */
export function toPlain(value: object): Record<string, unknown> {
  const entries = Object.entries(value).map(([key, one]) => [
    key,
    one instanceof Vector3 || one instanceof Quaternion ? one.asArray() : one,
  ]);
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined));
}

/** An operand whose numbers may be changed at any time; the next frame shows them. Which of them it has, its kind says. */
export interface LiveOperand {
  readonly kind: OperandData['kind'];
  position: Vector3;
  rotation: Quaternion;
  scale: number;
  radius?: number;
  height?: number;
  tube?: number;
  size?: Vector3;
  rounding?: number;
  shape?: string | number;
  latent?: readonly number[];
}

/** The list that an operation stands in. */
export interface EditList {
  /** @throws NeuralSdfError INVALID_ARGUMENT when the list would be wrong with other data for one of its operations */
  check(edit: Edit, data: object): void;
  remove(edit: Edit): void;
}

/**
 * One operation on a shape, in the order of `mesh.edits`. Its fields may be set at any time, and take effect, all together, with the next
 * frame; `set` checks them first, while a field set to nonsense directly is logged and leaves the shape as it was.
 */
export abstract class Edit<D extends EditData = EditData> {
  /** An operation that is off costs nothing. */
  enabled: boolean;

  constructor(
    readonly type: D['type'],
    private readonly _list: EditList,
    { enabled = true }: EditData,
  ) {
    this.enabled = enabled;
  }

  /** @throws NeuralSdfError INVALID_ARGUMENT with the field's name; the operation then stays as it was */
  set(changes: Partial<Loose<D>>): void {
    const next = { ...this.toJSON(), ...toPlain(changes) };
    this._list.check(this as unknown as Edit, next);
    this.enabled = next.enabled ?? true;
    this._assign(next as D);
  }

  /** Takes it out of the list; for good. */
  remove(): void {
    this._list.remove(this as unknown as Edit);
  }

  /** Plain data, for `edits.load`. */
  abstract toJSON(): D;

  protected abstract _assign(data: D): void;

  protected get _off(): { readonly enabled?: false } {
    return this.enabled ? {} : { enabled: false };
  }
}

/** Union with, subtraction of, or intersection with an operand. */
export class CombineEdit extends Edit<CombineData> {
  readonly operand: LiveOperand;
  /** Width of the blend, model units; 0 is a sharp edge. */
  smoothness: number;

  constructor(list: EditList, data: CombineData) {
    super(data.type, list, data);
    this.operand = toLive(data.operand);
    this.smoothness = data.smoothness ?? 0;
  }

  /** Operands are changed field by field: those not named stay, but for a latent code, whose place a named shape takes. */
  override set(changes: {
    readonly operand?: Partial<Loose<OperandData>>;
    readonly smoothness?: number;
    readonly enabled?: boolean;
  }): void {
    const named = toPlain(changes.operand ?? {});
    const { latent, ...kept } = toPlain(this.operand);
    const operand = { ...kept, ...(!('shape' in named) && latent !== undefined && { latent }), ...named } as unknown as OperandData;
    super.set({ ...changes, operand });
  }

  override toJSON(): CombineData {
    const operand = toPlain(this.operand) as unknown as OperandData;
    return { type: this.type, operand, smoothness: this.smoothness, ...this._off };
  }

  protected override _assign({ operand, smoothness = 0 }: CombineData): void {
    if (!('latent' in operand)) delete this.operand.latent;
    Object.assign(this.operand, toLive(operand));
    this.smoothness = smoothness;
  }
}

/** Swells the shape and so rounds its outer edges. */
export class RoundEdit extends Edit<RoundData> {
  /** Model units. */
  radius: number;

  constructor(list: EditList, data: RoundData) {
    super('round', list, data);
    this.radius = data.radius;
  }

  override toJSON(): RoundData {
    return { type: 'round', radius: this.radius, ...this._off };
  }

  protected override _assign({ radius }: RoundData): void {
    this.radius = radius;
  }
}

/** Leaves a wall about the surface. */
export class ShellEdit extends Edit<ShellData> {
  /** Of the wall, model units. */
  thickness: number;

  constructor(list: EditList, data: ShellData) {
    super('shell', list, data);
    this.thickness = data.thickness;
  }

  override toJSON(): ShellData {
    return { type: 'shell', thickness: this.thickness, ...this._off };
  }

  protected override _assign({ thickness }: ShellData): void {
    this.thickness = thickness;
  }
}

/** Takes away what lies in front of a plane. */
export class CutEdit extends Edit<CutData> {
  /** Towards what is taken away; of any length but 0. */
  normal: Vector3;
  /** The plane's distance from the origin, along the normal, model units. */
  offset: number;
  /** Width of the blend, model units; 0 is a sharp edge. */
  smoothness: number;

  constructor(list: EditList, data: CutData) {
    super('cut', list, data);
    this.normal = Vector3.FromArray(data.normal);
    this.offset = data.offset;
    this.smoothness = data.smoothness ?? 0;
  }

  override toJSON(): CutData {
    const { x, y, z } = this.normal;
    return { type: 'cut', normal: [x, y, z], offset: this.offset, smoothness: this.smoothness, ...this._off };
  }

  protected override _assign({ normal, offset, smoothness = 0 }: CutData): void {
    this.normal.fromArray(normal);
    this.offset = offset;
    this.smoothness = smoothness;
  }
}

/** @param data checked */
export function createEdit(list: EditList, data: EditData): Edit {
  if (data.type === 'round') return new RoundEdit(list, data) as unknown as Edit;
  if (data.type === 'shell') return new ShellEdit(list, data) as unknown as Edit;
  if (data.type === 'cut') return new CutEdit(list, data) as unknown as Edit;
  return new CombineEdit(list, data) as unknown as Edit;
}

function toLive(data: OperandData): LiveOperand {
  const { position = [0, 0, 0], rotation = [0, 0, 0, 1], scale = 1, ...own } = data;
  return {
    ...own,
    ...('size' in own && { size: Vector3.FromArray(own.size) }),
    position: Vector3.FromArray(position),
    rotation: Quaternion.FromArray(rotation),
    scale,
  } as LiveOperand;
}
